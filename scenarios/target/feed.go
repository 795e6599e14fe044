package target

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// RoleFeed is the role of power feeds. Serving means the feed of the first PSU of the node where users enter.
const RoleFeed = "feed"

// feeds resolves a target to feeds.
func (d resolver) feeds(t Target, rng *rand.Rand) (Choice, error) {
	feeds := d.FeedNames()
	if len(feeds) == 0 {
		return Choice{}, fmt.Errorf("role %s: this design has no power", RoleFeed)
	}
	switch t.Pick {
	case All:
		return Choice{Pick: PickAll, Nodes: feeds}, nil
	case Any:
		return d.oneOf(feeds, rng), nil
	case Serving:
		n, _ := d.Topology.Node(d.Members[0])
		return Choice{Pick: PickFirst, Nodes: []string{n.Hardware().PSUs[0].Feed}}, nil
	case Standby:
		return Choice{}, fmt.Errorf("target %s, role %s: name a feed; feeds do not stand by", Standby, RoleFeed)
	}
	if !slices.Contains(feeds, t.Pick) {
		return Choice{}, unknown("power feed", t.Pick, append([]string{Serving, Any, All}, feeds...))
	}
	return Choice{Pick: PickFirst, Nodes: []string{t.Pick}}, nil
}
