package scenarios

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// MaxRequests bounds the requests of one trial. Samples take 32 bytes each, 0.8 GB in all.
const MaxRequests = 25_000_000

// Requests is the number of requests of one trial, without its phase. A surge counts as one of all users.
func (s *Scenario) Requests() float64 {
	p := s.Phases
	n := s.Load.Rate * (p.WarmUp.Seconds() + p.Baseline.Seconds() + p.Fault.Seconds() + p.Recovery.Seconds())
	for _, f := range s.Faults {
		if f.Kind == fault.Surge {
			n += s.Load.Rate * (f.Factor - 1) * (f.End(p.Fault).Seconds() - f.At.Seconds())
		}
	}
	return n
}

// mostCarried is the traffic, in bit/s, that a lab on one machine carries at most. Every byte is copied about eight times between
// the origin and the user, and a large server copies 40 GB/s.
const mostCarried = 40e9

// Peak is the highest rate of the load, in requests per second.
func (s *Scenario) Peak() float64 {
	highest := s.Load.Rate
	for _, f := range s.Faults {
		highest = max(highest, s.Load.Rate*f.Factor)
	}
	return highest
}

// excessTraffic warns of a load that no machine carries; nil: a machine can.
func (s *Scenario) excessTraffic() *Warning {
	asked := s.Peak() * float64(s.Load.Body) * 8
	if asked <= mostCarried {
		return nil
	}
	return &Warning{Code: "too-much-traffic", At: []string{"load", "rate"}, What: fmt.Sprintf("%g/s x %s are %.0f Gbit/s; a lab on one machine carries at most %.0f Gbit/s: make it %s, or the bodies smaller",
		s.Peak(), sizeText(s.Load.Body), asked/1e9, mostCarried/1e9, AtMost(s.Load.Rate*mostCarried/asked))}
}

// excessRequests warns of a trial with more than MaxRequests; nil: it has fewer.
func (s *Scenario) excessRequests() *Warning {
	n := s.Requests()
	if n <= MaxRequests {
		return nil
	}
	return &Warning{Code: "too-many-requests", At: []string{"load", "rate"}, Inconclusive: true, What: fmt.Sprintf("%g/s over all phases give %.0f requests; a trial has at most %d: make it %s, or the phases shorter",
		s.Load.Rate, n, MaxRequests, AtMost(s.Load.Rate*MaxRequests/n))}
}

// sizeText writes a size in bytes as a scenario file has it.
func sizeText(n int) string {
	switch {
	case n > 0 && n%(1<<20) == 0:
		return fmt.Sprintf("%dMiB", n>>20)
	case n > 0 && n%(1<<10) == 0:
		return fmt.Sprintf("%dKiB", n>>10)
	}
	return fmt.Sprintf("%dB", n)
}

// AtMost formats the highest rate to advise: at least 1/s, rounded down to tens from 20/s on.
func AtMost(rate float64) string {
	if rate >= 20 {
		rate -= float64(int(rate) % 10)
	}
	return fmt.Sprintf("%d/s or less", max(1, int(rate)))
}

// Percent is a share in percent, rounded so that %g prints it briefly.
func Percent(share float64) float64 { return float64(int(share*1e6+0.5)) / 1e4 }
