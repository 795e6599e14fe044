package predict

import (
	"cmp"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology"
)

// neighbour is the time until the kernel reports a silent host on its own segment as unreachable: 3 ARP requests, one per second (arp(7):
// mcast_solicit, retrans_time).
const neighbour = 3 * time.Second

// connectTimeout is the time that a browser waits for the connection to a silent proxy.
func connectTimeout(p *topology.PAC) time.Duration {
	return cmp.Or(p.ConnectTimeout, policy.Browser(p.Browser).ConnectTimeout())
}

// predictBrowser predicts for users who choose their proxy by a PAC file. Each browser detects the failure by its own connection. A
// request on a kept connection to a silent proxy fails by its timeout.
func (d Predictor) predictBrowser(f fault.Planned) *Prediction {
	struck := f.Nodes()
	if !slices.Contains(struck, d.Members[0]) {
		return quiet("the PAC file lists %s first, and the fault does not strike it", d.Members[0])
	}
	if !slices.ContainsFunc(d.Members, func(m string) bool { return !slices.Contains(struck, m) }) && !d.PAC.Leaks() {
		return never("the PAC file names no other proxy")
	}
	wait := connectTimeout(d.PAC)
	switch failures[f.Kind] {
	case policy.Refused:
		return quiet("the proxy refuses the connection, and the browser tries the next proxy within the same request")
	case policy.Frozen:
		return never("a frozen proxy still accepts connections, and a browser stays with a proxy that accepts them")
	}
	if by := d.load.Timeout; by > 0 && wait >= by && neighbour >= by {
		return never("a request times out after %s, before the browser detects the failure (%s)", by, wait)
	}
	return open("each user's browser detects the failure at its own time")
}
