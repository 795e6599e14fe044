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

// squidReadTimeout is how long Squid waits for an answer on an open connection (squid.conf: read_timeout).
const squidReadTimeout = 15 * time.Minute

// predictParent predicts for the loss of parents of Squids on the users' path.
func (d Predictor) predictParent(f fault.Planned) *Prediction {
	if d.checksOrigin() {
		return open("a check goes through Squid and its parents to the origin and may miss the loss, because Squid uses its next parent")
	}
	children := d.children(f.Nodes())
	if p := d.withoutParents(f, "parent"); p != nil {
		return p
	}
	if d.Address != nil && !d.Address.Preempt && d.Balance == nil && len(children) < len(d.Members) {
		return open("the holder of the address decides whether requests pass the parent")
	}
	var parents []topology.Parents
	for _, c := range children {
		n, _ := d.Topology.Node(c)
		parents = append(parents, *n.Parents())
	}
	if slices.ContainsFunc(parents, func(p topology.Parents) bool {
		return p.ConnectTimeout != parents[0].ConnectTimeout || p.FailLimit != parents[0].FailLimit
	}) {
		return open("the children of the parent have different timers")
	}
	switch failures[f.Kind] {
	case policy.Refused:
		return quiet("the parent refuses the connection, and Squid uses the next parent within the same request")
	case policy.Frozen:
		return never("the kernel of a frozen parent still accepts connections, and Squid waits for its answer (read_timeout %s) and tries no other parent", squidReadTimeout)
	}
	return d.predictDeadParent(parents[0], children)
}

// children lists the nodes with a Squid that carries users and has one of the nodes as its first parent.
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

// predictDeadParent predicts for a silent parent while another one works. Squid marks a parent dead after fail_limit failed connections
// in a row, each after connect_timeout, which counts whole seconds: T takes (T-1, T].
func (d Predictor) predictDeadParent(p topology.Parents, children []string) *Prediction {
	share := d.load.NewShare * d.load.TLSShare
	if d.Balance == nil {
		children = children[:1] // only the holder of the address serves
	}
	formula := fmt.Sprintf("Squid marks a silent parent dead after fail_limit %d failed connections in a row, each after connect_timeout %s "+
		"(whole seconds: more than %s)", p.FailLimit, p.ConnectTimeout, p.ConnectTimeout-time.Second)
	switch meet := d.connections(p.FailLimit*len(children), share); {
	case p.ConnectTimeout > neighbour:
		return open("%s; but on the same segment the kernel reports a silent neighbour as unreachable after about %s, and behind a router it does not", formula, neighbour)
	case share == 0:
		return open("%s; but the load opens no new tunnels, so it is unknown when Squid opens connections", formula)
	default:
		b := policy.Bounds{Lo: p.ConnectTimeout - time.Second, Hi: p.ConnectTimeout + meet}
		return &Prediction{
			Lo: b.Lo, Hi: b.Hi, Event: string(proxy.EventPeerDead), EventOnly: true,
			Text: fmt.Sprintf("%s; new tunnels alone are that many within %s (%g/s x %g %% HTTPS x %g %% new): %s. This bounds Squid's decision, not the outage: "+
				"new requests wait until then and go to another parent, but a request on a kept connection to the dead parent waits for the user's timeout",
				formula, round(meet), d.load.Rate, scenarios.Percent(d.load.TLSShare), scenarios.Percent(d.load.NewShare), interval(b)),
		}
	}
}

// predictParentLink predicts for the loss of WAN links behind parents.
func (d Predictor) predictParentLink(f fault.Planned) *Prediction {
	if p := d.withoutParents(f, "link"); p != nil {
		return p
	}
	return open("Squid decides for each request whether to leave a parent, and no timer bounds this")
}

// withoutParents predicts for a loss that leaves requests without a path; nil: they have one.
func (d Predictor) withoutParents(f fault.Planned, what string) *Prediction {
	gone, known := d.gone(f)
	if left := d.served(gone); known && left < d.measure.Theta {
		return never("%.0f %% of the requests have no other %s", 100*(1-left), what)
	}
	return nil
}

// checksOrigin reports whether a check goes through the forward proxies to the origin.
func (d Predictor) checksOrigin() bool {
	return d.Balance != nil && d.Balance.Check.Kind == topology.CheckOrigin ||
		d.Address != nil && d.Address.Track != nil && d.Address.Track.Kind == topology.CheckOrigin ||
		d.DNS != nil && d.DNS.Check.Kind == topology.CheckOrigin
}
