package analyze

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// grace is how long a mechanism waits for a node until it acts.
type grace struct {
	over time.Duration // from the first failed check to the action
	need time.Duration // for which the node must be slow in that time
}

// graceIn is that of an active check: each of the failed checks waits for its timeout.
func graceIn(c topology.Check) grace {
	fall := time.Duration(max(c.Fall, 1))
	return grace{over: (fall-1)*c.Interval + c.Timeout, need: fall * c.Timeout}
}

// graceOf is the grace of a balancer, a Squid, a DNS responder or a browser that took a node out of service, and the kind of its check;
// empty: it does not check by itself. Connections of users fail side by side, so one timeout counts.
func (r *run) graceOf(e *trace.Event) (grace, topology.CheckKind) {
	n, _ := r.plan.Topology.Node(e.Node)
	connect := func(d time.Duration) grace { return grace{over: d, need: d} }
	switch e.Kind {
	case proxy.EventServerDown:
		s, ok := n.Balancer()
		switch {
		case ok && s.Balance.Passive != nil:
			return connect(s.Balance.ConnectTimeout), ""
		case ok:
			return graceIn(s.Balance.Check), s.Balance.Check.Kind
		}
	case proxy.EventPeerDead:
		if p := n.Parents(); p != nil {
			return connect(p.ConnectTimeout), ""
		}
	case proxy.EventRecord:
		if s, ok := n.Responder(); ok {
			return graceIn(s.DNS.Check), s.DNS.Check.Kind
		}
	case proxy.EventPACBad:
		if g, ok := r.plan.Topology.Group(e.Node); ok && g.PAC != nil {
			return connect(g.PAC.ConnectTimeout), ""
		}
	}
	return grace{}, ""
}
