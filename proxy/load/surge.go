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
	Factor float64       `json:"factor"` // of the rate, > 0 to 1000; overlapping surges multiply
}

// maxFactor is the largest factor of a surge.
const maxFactor = 1000

func (s Surge) validate() error {
	if !(s.Factor > 0 && s.Factor <= maxFactor) || s.From < 0 || s.To <= s.From {
		return fmt.Errorf("load: surge: factor %v from %v to %v: want a factor above 0 and at most %d, and an end after its start", s.Factor, s.From, s.To, maxFactor)
	}
	return nil
}

// segment is a part of the schedule with a constant interval between requests.
type segment struct {
	from     float64 // ns from the start
	first    float64 // index due at from, with a fraction; requests have whole indexes
	interval float64 // ns
}

// segments cuts the time into segments of a constant rate. Without surges it is one segment. The first begins at 0.
func segments(interval float64, surges []Surge) []segment {
	cuts := []time.Duration{0}
	for _, s := range surges {
		cuts = append(cuts, s.From, s.To)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	list := make([]segment, 0, len(cuts))
	for _, at := range cuts {
		part := segment{from: float64(at), interval: interval}
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

// due gives the instant at which request i is due, in ns from the start.
func (s *schedule) due(i int) float64 {
	n, found := slices.BinarySearchFunc(s.segments, float64(i), func(p segment, i float64) int { return cmp.Compare(p.first, i) })
	if !found {
		n--
	}
	p := s.segments[n]
	return p.from + (float64(i)-p.first)*p.interval
}

// before gives the number of requests that are due before an instant.
func before(parts []segment, at time.Duration) int {
	p := parts[0]
	for _, next := range parts[1:] {
		if next.from >= float64(at) {
			break
		}
		p = next
	}
	return int(math.Ceil(p.first + (float64(at)-p.from)/p.interval - 1e-6))
}
