package fault

import (
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const Partition proxy.FaultKind = "partition"

var partition = Kind{
	Name:       Partition,
	About:      "a node and other nodes no longer reach each other; users reach all of them",
	Section:    OfNode,
	Roles:      nodeRoles,
	Parameters: []Parameter{choice("from", apartFrom, "the other side: the other members of the users' address, or all other nodes", FromNodes)},
	read:       readPartition,
	complete:   completePartition,
	Executor:   agent.Partition,
	Docker:     Fidelity{Real, "a packet filter (nftables, where frames enter and leave the links) drops all frames between the nodes, including ARP: silence"},
	Local:      unsupported,
}

// Values of the key from.
const (
	FromMembers = "members" // the other nodes where users enter
	FromNodes   = "nodes"   // all other nodes of the design
)

var apartFrom = []string{FromMembers, FromNodes}

func readPartition(o yamlfile.Object, f *Fault) {
	f.From = o.Get("from").OneOf(apartFrom[0], apartFrom...)
}

// completePartition finds the nodes on the other side. Nodes that are struck together stay connected. If the run chooses the target,
// it removes the chosen node from the list.
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
			return reason.Errorf("no-peer", "users enter at no other node, so the target has no peer to lose; write from: nodes to cut it off from all other nodes")
		}
		return reason.Errorf("no-peer", "this design has no other node, so the target has no peer to lose")
	}
	return nil
}
