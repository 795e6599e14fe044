package fault

import (
	"net/http"
	"strconv"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const ExitBlock proxy.FaultKind = "exit-block"

var exitBlock = Kind{
	Name:       ExitBlock,
	About:      "the origin refuses requests from an exit's address",
	Section:    OfPath,
	Roles:      []string{target.RoleEntry, target.RoleProxy},
	Parameters: []Parameter{share, choice("status", statuses, "HTTP status of the origin's answer", "429")},
	read:       readExitBlock,
	complete:   completeExitBlock,
	Executor:   agent.ExitBlock,
	Docker:     Fidelity{Real, "the origin answers 403 or 429 to the address of the exit's WAN link"},
	Local:      unsupported,
}

// statuses are the answers of an origin that blocks an exit.
var statuses = []string{strconv.Itoa(http.StatusForbidden), strconv.Itoa(http.StatusTooManyRequests)}

func readExitBlock(o yamlfile.Object, f *Fault) {
	readShare(o, f)
	f.Status, _ = strconv.Atoi(o.Get("status").OneOf(statuses[0], statuses...))
}

// completeExitBlock finds the WAN link of each exit: the origin sees the address of the link. An exit that shares its link cannot be
// blocked alone.
func completeExitBlock(d design.View, f *Planned) error {
	for i, c := range f.Candidates {
		n, _ := d.Topology.Node(c.Node)
		if n.WAN == "" {
			return reason.Errorf("no-exit", "%s is no exit: it has no forward proxy with a WAN link", c.Node)
		}
		for _, other := range d.Topology.Nodes {
			if other.WAN == n.WAN && other.Name != n.Name {
				return reason.Errorf("shared-exit", "%s and %s use the same WAN link, %s, so the origin sees one address for both; give each its own link", n.Name, other.Name, n.WAN)
			}
		}
		f.Candidates[i].Service, f.Candidates[i].Agent = n.WAN, d.Topology.Origins[0].Name
	}
	return nil
}
