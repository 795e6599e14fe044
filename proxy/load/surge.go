package load

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// Surge multiplies the rate for a time.
type Surge struct {
	From   time.Duration `json:"from_ns"` // from Spec.Start
	To     time.Duration `json:"to_ns"`
	Factor float64       `json:"factor"` // of the rate, above 0; surges that overlap multiply
}

// maxFactor bounds a surge.
const maxFactor = 1000

func (s Surge) validate() error {
	if !(s.Factor > 0 && s.Factor <= maxFactor) || s.From < 0 || s.To <= s.From {
		return fmt.Errorf("load: surge of %v from %v to %v: want a factor above 0, at most %d, and a time", s.Factor, s.From, s.To, maxFactor)
	}
	return nil
}

// stretch is a part of the schedule with one interval between requests.
type stretch struct {
	from     float64 // ns from the start
	first    float64 // index that would be due at from; requests are due at whole ones
	interval float64 // ns
}

// stretches cuts the time into parts of even rate; without surges it is one. The first begins at 0.
func stretches(interval float64, surges []Surge) []stretch {
	cuts := []time.Duration{0}
	for _, s := range surges {
		cuts = append(cuts, s.From, s.To)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	list := make([]stretch, 0, len(cuts))
	for _, at := range cuts {
		part := stretch{from: float64(at), interval: interval}
		for _, s := range surges {
			if at >= s.From && at < s.To {
				part.interval /= s.Factor
			}
		}
		if n := len(list); n > 0 {
			last := list[n-1]
			part.first = last.first + (part.from-last.from)/last.interval
		}
		list = append(list, part)
	}
	return list
}

// due is when request i is due, in ns.
func (s *schedule) due(i int) float64 {
	n, found := slices.BinarySearchFunc(s.parts, float64(i), func(p stretch, i float64) int { return cmp.Compare(p.first, i) })
	if !found {
		n--
	}
	p := s.parts[n]
	return p.from + (float64(i)-p.first)*p.interval
}

// before is how many requests are due before an instant.
func before(parts []stretch, at time.Duration) int {
	p := parts[0]
	for _, next := range parts[1:] {
		if next.from >= float64(at) {
			break
		}
		p = next
	}
	return int(math.Ceil(p.first + (float64(at)-p.from)/p.interval - 1e-6))
}
