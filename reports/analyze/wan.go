package analyze

import (
	"maps"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// WAN has the traffic of all WAN links together, in both directions, in bytes per second of each phase.
type WAN struct {
	Before float64           `json:"before_bytes_per_s"` // in the baseline
	During float64           `json:"during_bytes_per_s"` // in the fault phase
	After  float64           `json:"after_bytes_per_s"`  // in the recovery
	Links  map[string]Volume `json:"links"`
}

// Volume is the traffic of one link in each phase, in bytes, in both directions.
type Volume struct {
	Before int64 `json:"before_bytes"`
	During int64 `json:"during_bytes"`
	After  int64 `json:"after_bytes"`
}

// reading is one reading of a meter: the instant in ns, and the total until then, in bytes of a link or in ns of processor time.
type reading struct {
	at, total int64
}

// wan measures the traffic of the links; nil if there is no link, or if a meter was not read at the borders of baseline and fault phase.
func (r *run) wan() *WAN {
	links := map[string][]reading{}
	for _, e := range r.events {
		if e.Kind == proxy.EventWANBytes {
			links[e.Node] = append(links[e.Node], reading{e.At, e.Up + e.Down})
		}
	}
	shift := r.phase // from the fault phase on, the instants of a trial are its phase later
	borders := []int64{int64(r.plan.BaselineAt), clamp(int64(r.plan.FaultAt + shift)), clamp(int64(r.plan.RecoverAt + shift)), clamp(int64(r.plan.End + shift))}
	w := &WAN{Links: map[string]Volume{}}
	for _, name := range slices.Sorted(maps.Keys(links)) { // sorted: the sum of floats depends on the order
		readings := links[name]
		var bytes [3]int64
		var rates [3]float64
		for i := range bytes {
			from, ok := near(readings, borders[i])
			to, too := near(readings, borders[i+1])
			if i == 2 && !too { // the trial may have ended before
				continue
			}
			if !ok || !too {
				return nil
			}
			bytes[i] = to.total - from.total
			rates[i] = ratio(float64(bytes[i]), time.Duration(to.at-from.at).Seconds())
		}
		w.Links[name] = Volume{bytes[0], bytes[1], bytes[2]}
		w.Before, w.During, w.After = w.Before+rates[0], w.During+rates[1], w.After+rates[2]
	}
	if len(links) == 0 {
		return nil
	}
	return w
}

// near returns the first reading at or after a border; ok is false if there is none within one second.
func near(readings []reading, border int64) (found reading, ok bool) {
	for _, one := range readings {
		if one.at >= border {
			return one, one.at < border+time.Second.Nanoseconds()
		}
	}
	return reading{}, false
}

// relays returns the calibration of the WAN links from the header; nil: none.
func relays(h *trace.Header) map[string]Relay {
	var all map[string]Relay
	for name, cost := range h.Relays {
		if all == nil {
			all = map[string]Relay{}
		}
		all[name] = Relay{AddedP50MS: ms(cost.AddedP50), AddedP99MS: ms(cost.AddedP99)}
	}
	return all
}
