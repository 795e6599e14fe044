package load

import (
	"context"
	"errors"
)

// newChooser makes the chooser that the spec asks for. It ends with ctx, and may end the load by stop.
func newChooser(ctx context.Context, stop context.CancelCauseFunc, s *Spec, c clock, tell func(Event)) (chooser, error) {
	switch {
	case s.PAC != nil:
		return newBrowsers(ctx, stop, s, tell)
	case s.Pool != nil:
		return newPool(s, c, tell), nil
	case s.DNS != nil:
		return newNames(s, c, tell), nil
	}
	return nil, errors.New("load: no proxy, and no other way to one")
}
