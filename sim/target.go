package sim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// strike resolves the symbolic target of a fault when the fault is due. It does not choose a node of struck: another fault is in force there.
func (w *watch) strike(f fault.Planned, struck map[string]bool) ([]fault.Candidate, error) {
	switch f.Pick {
	case target.PickAll:
		return f.Candidates, nil
	case target.PickFirst:
		return f.Candidates[:1], nil
	case target.PickHolder, target.PickNotHolder:
		holders := w.holders(f.Address)
		for _, c := range f.Candidates {
			if !struck[c.Node] && slices.Contains(holders, c.Node) == (f.Pick == target.PickHolder) {
				return []fault.Candidate{c}, nil
			}
		}
		return nil, reason.Errorf("no-target", "fault %s: no %s of address %s that it may strike; holders now: %s", f.ID, f.Pick, f.Address,
			cmp.Or(strings.Join(holders, ", "), "none"))
	}
	return nil, fmt.Errorf("fault %s: unknown pick %q", f.ID, f.Pick)
}
