package load

import (
	"context"
	"errors"
)

// newChooser makes the chooser of the spec. The chooser ends with ctx. It may end the load by calling stop.
func newChooser(ctx context.Context, stop context.CancelCauseFunc, s *Spec, c clock, tell func(Event)) (chooser, error) {
	switch {
	case s.PAC != nil:
		return newBrowsers(ctx, stop, s, tell)
	case s.Pool != nil:
		return newPool(s, c, tell), nil
	case s.DNS != nil:
		return newNames(s, c, tell), nil
	}
	return nil, errors.New("load: the spec has no proxy, PAC file, pool or DNS name")
}
