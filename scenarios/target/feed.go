package target

import (
	"math/rand/v2"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// RoleFeed is the role of power feeds. Serving is the feed of the first PSU of the node where users enter.
const RoleFeed = "feed"

// feeds resolves a target among the power feeds.
func (d resolver) feeds(t Target, rng *rand.Rand) (Choice, error) {
	feeds := d.FeedNames()
	if len(feeds) == 0 {
		return Choice{}, reason.Errorf("no-power", "role %s: this design has no power", RoleFeed)
	}
	switch t.Pick {
	case All:
		return all(feeds)
	case Any:
		return d.oneOf(feeds, rng)
	case Serving:
		n, _ := d.Topology.Node(d.Members[0])
		return first(n.Hardware().PSUs[0].Feed)
	case Standby:
		return Choice{}, reason.Errorf("symbol-not-of-role", "target %s, role %s: no feed stands by; give the name of a feed", Standby, RoleFeed)
	}
	if !slices.Contains(feeds, t.Pick) {
		return Choice{}, unknown("power feed", t.Pick, []string{Serving, Any, All}, feeds)
	}
	return first(t.Pick)
}
