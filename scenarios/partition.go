package scenarios

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Values of a partition's from.
const (
	FromMembers = "members" // the other nodes where users enter
	FromNodes   = "nodes"   // all other nodes of the design
)

func readPartition(o yamlfile.Object, f *Fault) {
	f.From = o.Get("from").OneOf(FromMembers, FromMembers, FromNodes)
}

// completePartition finds whom the target is cut off from. What is struck together stays together; where the target is
// chosen when the fault is due, the node itself leaves itself out.
func (d predictor) completePartition(f *PlannedFault) error {
	names := d.Members
	if f.From == FromNodes {
		names = d.NodeNames()
	}
	f.Apart = slices.Clone(names)
	if f.fixed() {
		f.Apart = slices.DeleteFunc(f.Apart, func(name string) bool { return slices.Contains(f.nodes(), name) })
	}
	if len(f.Apart) == 0 || len(f.Apart) == 1 && !f.fixed() {
		if f.From == FromMembers {
			return errors.New("users enter at no other node that the target could be cut off from; from: nodes cuts it off from all others")
		}
		return errors.New("this design has no other node that the target could be cut off from")
	}
	return nil
}

// predictPartition is for the holder of an address that the other members no longer hear: one of them takes it too, which
// bounds that event. What it does to the users is for the network to decide, which follows who announced the address last.
func (d predictor) predictPartition(f PlannedFault) *Prediction {
	if d.Address == nil || f.From != FromMembers || f.Pick != target.PickHolder && f.Pick != target.PickFirst {
		return open("what else than the members of an address hear of each other no timer bounds")
	}
	holders := d.Holders()
	if len(holders) > 1 || f.Pick == target.PickFirst && f.Candidates[0].Node != holders[0] {
		return open("whether it holds the address is not known before")
	}
	backup := d.backup(holders[0])
	timers := d.timers(backup.Priority)
	b := timers.Silence()
	p := elected(b, "%s hears nothing: MDI - A to MDI, %s: %s", backup.Node, mdi(timers), interval(b))
	p.EventOnly = true
	p.Text += fmt.Sprintf(". Then %s and %s both hold %s until the partition heals", holders[0], backup.Node, d.Address.Name)
	return p
}
