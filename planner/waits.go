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

// cared works a design out, with waits of its own.
func (p *Plan) cared(s *study) (*study, error) {
	w, err := s.waits(p.Care)
	if err != nil {
		return nil, err
	}
	one := s.late(w)
	one.care = p.Care
	return one, nil
}
