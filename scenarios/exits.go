package scenarios

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

func readExitBlock(o yamlfile.Object, f *Fault) {
	readShare(o, f)
	first := strconv.Itoa(http.StatusForbidden)
	f.Status, _ = strconv.Atoi(o.Get("status").OneOf(first, first, strconv.Itoa(http.StatusTooManyRequests)))
}

// readShare reads how many of all targets are struck.
func readShare(o yamlfile.Object, f *Fault) {
	share := o.Get("share")
	if !share.Present() {
		return
	}
	f.Share = share.Ratio(1) // a bad one has been said
	switch {
	case f.Share == 0:
		share.Problemf("a share of nothing strikes nobody; want more than 0%%")
	case f.Target.Pick != target.All:
		share.Problemf("share is of all targets; say target: all")
	}
}

// completeExitBlock finds the WAN link of each exit, whose address is what the origin sees of it. One that others go out by
// as well cannot be blocked alone.
func (d predictor) completeExitBlock(f *PlannedFault) error {
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

// predictExitBlock is for exits that a site refuses. Nothing in a design looks at what an origin answers.
func (d predictor) predictExitBlock(f PlannedFault) *Prediction {
	if !slices.ContainsFunc(f.Candidates, func(c Candidate) bool { return d.carries(c.Service) }) {
		return quiet("no user goes out there")
	}
	if d.Address == nil && d.Balance == nil && len(d.Members) == 1 {
		return never("%s is the only exit, and the site refuses it", d.Members[0])
	}
	return open("nothing in the design looks at what an origin answers")
}
