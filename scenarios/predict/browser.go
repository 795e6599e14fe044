package predict

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// neighbour is the time until the kernel calls a silent host on its own segment unreachable: 3 ARP requests, one per second (arp(7):
// mcast_solicit, retrans_time).
const neighbour = 3 * time.Second

// predictBrowser predicts for users who choose their proxy by a PAC file. Each browser detects the failure by its own connection. A
// request on a kept connection to a silent proxy fails by its own timeout.
func (d Predictor) predictBrowser(f fault.Planned) *Prediction {
	struck := f.Nodes()
	if !slices.Contains(struck, d.Members[0]) {
		return quiet("the PAC file prefers %s", d.Members[0])
	}
	if !slices.ContainsFunc(d.Members, func(m string) bool { return !slices.Contains(struck, m) }) && !d.PAC.Leaks() {
		return never("the PAC file names no other proxy")
	}
	wait := d.PAC.ConnectTimeout
	if wait == 0 {
		wait = policy.Browser(d.PAC.Browser).ConnectTimeout()
	}
	switch failures[f.Kind] {
	case policy.Refused:
		return quiet("the connection is refused, and the next proxy tried within the same request")
	case policy.Frozen:
		return never("a frozen proxy still accepts connections, and no browser leaves a proxy that does")
	}
	if by := d.load.Timeout; by > 0 && wait >= by && neighbour >= by {
		return never("users give up after %s, before their browser finds out (%s)", by, wait)
	}
	return open("each user's browser detects the failure at its own instant")
}
