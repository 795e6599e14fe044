package scenarios

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
)

// MaxRequests bounds the requests of one trial: what is kept of them takes 32 bytes each, 0.8 GB in all.
const MaxRequests = 25_000_000

// Requests is how many requests the load of one trial makes, with every surge as one of all users; the trial's phase comes on top.
func (s *Scenario) Requests() float64 {
	p := s.Phases
	n := s.Load.Rate * (p.WarmUp.Seconds() + p.Baseline.Seconds() + p.Fault.Seconds() + p.Recovery.Seconds())
	for _, f := range s.Faults {
		if f.Kind == proxy.Surge {
			n += s.Load.Rate * (f.Factor - 1) * (f.End(p.Fault).Seconds() - f.At.Seconds())
		}
	}
	return n
}

// mostCarried is the traffic in bits per second above which no one machine is the place for a lab: on the way from the origin
// over the WAN link and the proxies to the user every byte is copied some eight times, and a large server copies 40 GB/s.
const mostCarried = 40e9

// Peak is the highest rate of the load, in requests per second.
func (s *Scenario) Peak() float64 {
	highest := s.Load.Rate
	for _, f := range s.Faults {
		highest = max(highest, s.Load.Rate*f.Factor)
	}
	return highest
}

// tooMuch says that no machine carries the load; nil: some do.
func (s *Scenario) tooMuch() *Warning {
	asked := s.Peak() * float64(s.Load.Body) * 8
	if asked <= mostCarried {
		return nil
	}
	return &Warning{At: []string{"load", "rate"}, What: fmt.Sprintf("%g/s x %s are %.0f Gbit/s; a lab on one machine carries at most %.0f Gbit/s: make it %s, or the bodies smaller",
		s.Peak(), sizeText(s.Load.Body), asked/1e9, mostCarried/1e9, AtMost(s.Load.Rate*mostCarried/asked))}
}

// tooMany says that a trial has more requests than are kept of one; nil: it has not.
func (s *Scenario) tooMany() *Warning {
	n := s.Requests()
	if n <= MaxRequests {
		return nil
	}
	return &Warning{At: []string{"load", "rate"}, Hopeless: true, What: fmt.Sprintf("%g/s over all phases give %.0f requests; a trial has at most %d: make it %s, or the phases shorter",
		s.Load.Rate, n, MaxRequests, AtMost(s.Load.Rate*MaxRequests/n))}
}

// sizeText writes a size as a scenario file has it.
func sizeText(n int) string {
	switch {
	case n > 0 && n%(1<<20) == 0:
		return fmt.Sprintf("%dMiB", n>>20)
	case n > 0 && n%(1<<10) == 0:
		return fmt.Sprintf("%dKiB", n>>10)
	}
	return fmt.Sprintf("%dB", n)
}

// AtMost words a rate that is not too high.
func AtMost(rate float64) string {
	if rate >= 20 {
		rate -= float64(int(rate) % 10)
	}
	return fmt.Sprintf("%d/s or less", max(1, int(rate)))
}

// Percent is a share in per cent, to be printed by %g.
func Percent(share float64) float64 { return float64(int(share*1e6+0.5)) / 1e4 }
