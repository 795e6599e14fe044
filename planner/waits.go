package planner

import "github.com/seed-ab8b6914/spof/reliability/system"

// waits are the mean waits of the study's repairs; nil: there are none.
func (s *study) waits(care system.Care) (system.Waits, error) {
	if len(care.Crews)+len(care.Stocks) == 0 {
		return nil, nil
	}
	return s.System.Waits(care)
}

// late is the study with repairs that also wait.
func (s *study) late(w system.Waits) *study {
	one := *s
	if w != nil {
		one.System = s.System.Waiting(w)
		one.switches = one.Switches(one.wait)
	}
	return &one
}

// cared is the study with a care, and with the waits that this gives it.
func (s *study) cared(care system.Care) (*study, error) {
	w, err := s.waits(care)
	if err != nil {
		return nil, err
	}
	one := s.late(w)
	one.care = care
	return one, nil
}
