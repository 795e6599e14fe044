package fault

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var exitBlock = Kind{
	Name:       proxy.ExitBlock,
	About:      "the origin refuses what comes from an exit's address",
	Section:    OfPath,
	Roles:      []string{target.RoleEntry, target.RoleProxy},
	Parameters: []Parameter{share, choice("status", statuses, "what the origin answers", "429")},
	read:       readExitBlock,
	complete:   completeExitBlock,
	Docker:     Fidelity{Real, "the origin answers 403 or 429 to the address that the exit's WAN link has there"},
	Local:      unsupported,
}

// statuses are what an origin may answer an exit that it refuses.
var statuses = []string{strconv.Itoa(http.StatusForbidden), strconv.Itoa(http.StatusTooManyRequests)}

func readExitBlock(o yamlfile.Object, f *Fault) {
	readShare(o, f)
	f.Status, _ = strconv.Atoi(o.Get("status").OneOf(statuses[0], statuses...))
}

// completeExitBlock finds the WAN link of each exit, whose address is what the origin sees of it. One that others go out by
// as well cannot be blocked alone.
func completeExitBlock(d design.View, f *Planned) error {
	for i, c := range f.Candidates {
		n, _ := d.Topology.Node(c.Node)
		if n.WAN == "" {
			return fmt.Errorf("%s is no exit: no forward proxy of it goes out by a WAN link", c.Node)
		}
		for _, other := range d.Topology.Nodes {
			if other.WAN == n.WAN && other.Name != n.Name {
				return fmt.Errorf("%s and %s go out by the same WAN link, %s, so that an origin cannot tell them apart; give each a link of its own", n.Name, other.Name, n.WAN)
			}
		}
		f.Candidates[i].Service, f.Candidates[i].Agent = n.WAN, d.Topology.Origins[0].Name
	}
	return nil
}
