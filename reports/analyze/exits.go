package analyze

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Exits is the diversity of a pool: the number of exits through which users were served. Each exit has its own address.
type Exits struct {
	Before ExitUse `json:"before"` // in the baseline
	During ExitUse `json:"during"` // in the last half of the window
	// SessionsBroken counts sessions whose exit became unreachable before the session ended.
	SessionsBroken int `json:"sessions_broken"`
}

// ExitUse is the use of exits by successful requests whose exit is known.
type ExitUse struct {
	Distinct float64 `json:"distinct"` // exits used in one whole second, median over the seconds; in the whole interval if it is shorter
	// Effective is the number of equally used exits with the same diversity: the inverse of Simpson's index, 1 / sum of squared shares (Hill
	// number of order 2).
	Effective float64 `json:"effective"`
}

// exits measures the diversity; nil if no user has a pool.
func (r *run) exits() *Exits {
	if !slices.ContainsFunc(r.plan.Topology.Users, func(g topology.Group) bool { return g.Pool != nil }) {
		return nil
	}
	half := r.effect + (r.undo-r.effect)/2
	e := &Exits{
		Before: exitUse(r.baseline, clamp(int64(r.plan.BaselineAt)), r.effect),
		During: exitUse(r.between(half, r.undo), half, r.undo),
	}
	for _, event := range r.events {
		if event.Kind == proxy.EventSessionBroken && event.At >= r.effect-int64(r.uncertainty()) {
			e.SessionsBroken++
		}
	}
	return e
}

// exitUse measures samples that were due in [from, to). Whole seconds count from the start of the interval.
func exitUse(samples []trace.Sample, from, to int64) (u ExitUse) {
	var used [256]int
	total := 0
	seconds := make([]map[uint8]bool, min(max(1, (to-from)/1e9), mostBins))
	for _, s := range samples {
		if failed(s) || s.Node == 0 {
			continue
		}
		used[s.Node]++
		total++
		if second := (s.Scheduled - from) / 1e9; second < int64(len(seconds)) {
			if seconds[second] == nil {
				seconds[second] = map[uint8]bool{}
			}
			seconds[second][s.Node] = true
		}
	}
	if total == 0 {
		return u
	}
	squares := 0.0
	for _, n := range used {
		share := float64(n) / float64(total)
		squares += share * share
	}
	u.Effective = 1 / squares
	var distinct []float64
	for _, nodes := range seconds {
		distinct = append(distinct, float64(len(nodes)))
	}
	u.Distinct = spread(distinct).Median
	return u
}

// remaining is the effective exits under the fault / before it, at most 1; nil if no exit was used before.
func (e *Exits) remaining() *float64 {
	if e == nil || e.Before.Effective == 0 {
		return nil
	}
	return some(min(1, e.During.Effective/e.Before.Effective))
}
