package sim

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// strike resolves a fault's symbolic target at the instant it is due. What another fault has struck is nobody's standby.
func (w *watch) strike(f fault.Planned, struck map[string]bool) ([]fault.Candidate, error) {
	switch f.Pick {
	case "all":
		return f.Candidates, nil
	case "first":
		return f.Candidates[:1], nil
	case "holder", "not-holder":
		holders := w.holders(f.Address)
		for _, c := range f.Candidates {
			if !struck[c.Node] && slices.Contains(holders, c.Node) == (f.Pick == "holder") {
				return []fault.Candidate{c}, nil
			}
		}
		return nil, fmt.Errorf("fault %s: no %s of address %s among its candidates (it is on %v)", f.ID, f.Pick, f.Address, holders)
	}
	return nil, fmt.Errorf("fault %s: unknown pick %q", f.ID, f.Pick)
}
