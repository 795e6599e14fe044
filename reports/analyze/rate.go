package analyze

import (
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// surge is an interval in which more requests are due than the base rate.
type surge struct {
	from, to int64   // ns
	more     float64 // requests per second above the base rate
}

// findSurges takes the surges from the faults of the plan.
func (r *run) findSurges() {
	all := 0
	for _, g := range r.plan.Topology.Users {
		all += g.Count
	}
	for _, f := range r.plan.Faults {
		if f.Kind != fault.Surge || all == 0 {
			continue
		}
		share := 0.0
		for _, g := range r.plan.Topology.Users {
			if slices.Contains(f.Nodes(), g.Name) {
				share += float64(g.Count) / float64(all)
			}
		}
		r.surges = append(r.surges, surge{clamp(int64(f.At + r.phase)), clamp(int64(f.Undo + r.phase)), r.rate * share * (f.Factor - 1)})
	}
}

// rateAt is the number of requests per second that are due at an instant.
func (r *run) rateAt(at int64) float64 {
	rate := r.rate
	for _, s := range r.surges {
		if at >= s.from && at < s.to {
			rate += s.more
		}
	}
	return rate
}

// due is the number of requests that are due in [from, to).
func (r *run) due(from, to int64) float64 {
	n := r.rate * float64(to-from)
	for _, s := range r.surges {
		n += s.more * float64(max(0, min(to, s.to)-max(from, s.from)))
	}
	return n / 1e9
}

// windowRate is the mean rate of the window, requests per second; the base rate if the window is empty.
func (r *run) windowRate() float64 {
	if r.until <= r.effect {
		return r.rate
	}
	return r.due(r.effect, r.until) / (float64(r.until-r.effect) / 1e9)
}
