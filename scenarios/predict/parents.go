package predict

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology"
)

// squidReadTimeout is how long a Squid waits for an answer on a connection that it has (squid.conf: read_timeout).
const squidReadTimeout = 15 * time.Minute

// predictParent is for the loss of parents that Squids on the users' way go out through.
func (d Predictor) predictParent(f fault.Planned) *Prediction {
	if d.checksOrigin() {
		return open("a check goes through the Squids and their parents to the origin, and may see the loss or not: Squid asks its next parent for it")
	}
	children := d.children(f.Nodes())
	if p := d.withoutParents(f, "parent"); p != nil {
		return p
	}
	if d.Address != nil && !d.Address.Preempt && d.Balance == nil && len(children) < len(d.Members) {
		return open("whether users are served through it depends on who holds the address")
	}
	var parents []topology.Parents
	for _, c := range children {
		n, _ := d.Topology.Node(c)
		parents = append(parents, *n.Parents())
	}
	if slices.ContainsFunc(parents, func(p topology.Parents) bool {
		return p.ConnectTimeout != parents[0].ConnectTimeout || p.FailLimit != parents[0].FailLimit
	}) {
		return open("the Squids that go out through it do not have the same timers")
	}
	switch failures[f.Kind] {
	case policy.Refused:
		return quiet("the parent refuses, and Squid asks the next one within the same request")
	case policy.Frozen:
		return never("the kernel of a frozen parent still accepts connections, and Squid waits for its answer (read_timeout %s) without asking another", squidReadTimeout)
	}
	return d.predictDeadParent(parents[0], children)
}

// children lists the nodes whose Squids carry users through any of the nodes.
func (d Predictor) children(nodes []string) []string {
	var all []string
	for _, node := range nodes {
		for _, child := range d.childrenOf(node) {
			if !slices.Contains(all, child) {
				all = append(all, child)
			}
		}
	}
	return all
}

// predictDeadParent is for a silent parent while another is left. Squid calls it dead when fail_limit connections to it in a row have
// failed, each after connect_timeout, which runs on whole seconds: T takes (T-1, T].
func (d Predictor) predictDeadParent(p topology.Parents, children []string) *Prediction {
	share := d.load.NewShare * d.load.TLSShare
	if d.Balance == nil {
		children = children[:1] // only one of them has the address
	}
	formula := fmt.Sprintf("Squid calls a silent parent dead once fail_limit %d connections in a row have failed, each after connect_timeout %s "+
		"(whole seconds: more than %s)", p.FailLimit, p.ConnectTimeout, p.ConnectTimeout-time.Second)
	switch meet := d.connections(p.FailLimit*len(children), share); {
	case p.ConnectTimeout > neighbour:
		return open("%s; but on one segment the kernel calls a silent neighbour unreachable after about %s, and behind a router it does not", formula, neighbour)
	case share == 0:
		return open("%s; but nothing says when Squid needs new connections: the load has no new tunnels", formula)
	default:
		b := policy.Bounds{Lo: p.ConnectTimeout - time.Second, Hi: p.ConnectTimeout + meet}
		return &Prediction{
			Lo: b.Lo, Hi: b.Hi, Event: string(proxy.EventPeerDead), EventOnly: true,
			Text: fmt.Sprintf("%s; that many come within %s, by new tunnels alone (%g/s x %g %% HTTPS x %g %% new): %s. This bounds Squid's decision, not the users: "+
				"new requests wait until then and go to another parent, but one on a connection that was kept to the dead one waits for its user's own timeout",
				formula, round(meet), d.load.Rate, scenarios.Percent(d.load.TLSShare), scenarios.Percent(d.load.NewShare), interval(b)),
		}
	}
}

// predictParentLink is for the loss of WAN links that users' requests take through parents.
func (d Predictor) predictParentLink(f fault.Planned) *Prediction {
	if p := d.withoutParents(f, "link"); p != nil {
		return p
	}
	return open("Squid leaves a parent request by request, and no timer says when")
}

// withoutParents is for a loss after which requests have no way left; nil: there is one.
func (d Predictor) withoutParents(f fault.Planned, what string) *Prediction {
	gone, known := d.gone(f)
	if left := d.served(gone); known && left < d.measure.Theta {
		return never("%.0f %% of the requests have no other %s", 100*(1-left), what)
	}
	return nil
}

// checksOrigin reports whether any check of the mechanisms that users rely on goes through the forward proxies to the origin.
func (d Predictor) checksOrigin() bool {
	return d.Balance != nil && d.Balance.Check.Kind == topology.CheckOrigin ||
		d.Address != nil && d.Address.Track != nil && d.Address.Track.Kind == topology.CheckOrigin ||
		d.DNS != nil && d.DNS.Check.Kind == topology.CheckOrigin
}
