package fault

import (
	"errors"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var partition = Kind{
	Name:       proxy.Partition,
	About:      "a node and other nodes no longer reach each other; users reach all of them",
	Section:    OfNode,
	Roles:      nodeRoles,
	Parameters: []Parameter{choice("from", apartFrom, "from whom the target is cut off: the other members of the users' address, or all other nodes", "nodes")},
	read:       readPartition,
	complete:   completePartition,
	Docker:     Fidelity{Real, "a packet filter (nftables, where frames enter and leave the links) drops all between the nodes, ARP too: silence"},
	Local:      unsupported,
}

// Values of a partition's from.
const (
	FromMembers = "members" // the other nodes where users enter
	FromNodes   = "nodes"   // all other nodes of the design
)

var apartFrom = []string{FromMembers, FromNodes}

func readPartition(o yamlfile.Object, f *Fault) {
	f.From = o.Get("from").OneOf(apartFrom[0], apartFrom...)
}

// completePartition finds whom the target is cut off from. What is struck together stays together; where the target is
// chosen when the fault is due, the node itself leaves itself out.
func completePartition(d design.View, f *Planned) error {
	names := d.Members
	if f.From == FromNodes {
		names = d.NodeNames()
	}
	f.Apart = slices.Clone(names)
	if f.Fixed() {
		f.Apart = slices.DeleteFunc(f.Apart, func(name string) bool { return slices.Contains(f.Nodes(), name) })
	}
	if len(f.Apart) == 0 || len(f.Apart) == 1 && !f.Fixed() {
		if f.From == FromMembers {
			return errors.New("users enter at no other node that the target could be cut off from; from: nodes cuts it off from all others")
		}
		return errors.New("this design has no other node that the target could be cut off from")
	}
	return nil
}
