package scenarios

// MaxRequests bounds the requests of one trial: what is kept of them takes 32 bytes each, 0.8 GB in all.
const MaxRequests = 25_000_000

// Requests is how many requests the load of one trial makes, with every surge as one of all users; the trial's phase comes on top.
func (s *Scenario) Requests() float64 {
	p := s.Phases
	n := s.Load.Rate * (p.WarmUp.Seconds() + p.Baseline.Seconds() + p.Fault.Seconds() + p.Recovery.Seconds())
	for _, f := range s.Faults {
		if f.Kind == Surge {
			n += s.Load.Rate * (f.Factor - 1) * (f.end(p).Seconds() - f.At.Seconds())
		}
	}
	return n
}
