package scenarios

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// predict says what the design's own timers promise for one fault that strikes while everything else is well, or why they
// promise nothing. The formulas are those of package policy.
func (d design) predict(f PlannedFault) *Prediction {
	if !d.sameEntry() {
		return open("failover is one figure for all users, and not all of them wait for the same timers")
	}
	info, _ := kindOf(f.Kind)
	if info.predict == nil {
		return open("%s", info.unpredicted)
	}
	return info.predict(d, f)
}

// predictLoss is for a fault that takes a node or a service away.
func (d design) predictLoss(f PlannedFault) *Prediction {
	struck := f.nodes()
	entry := overlap(struck, d.members)
	server := overlap(struck, d.servers)
	switch {
	case d.asked != nil && overlap(struck, d.asked.Servers):
		return d.predictDNS(f)
	case entry && server:
		return open("users lose where they enter and a server behind it at once")
	case f.Pick == PickNotHolder, !entry && !server:
		return &Prediction{Text: "no user is served there: no outage"}
	case server:
		return d.predictServer(f)
	case !d.strikesEntry(f):
		return open("it strikes another service than that at which users enter")
	case d.pac != nil:
		return d.predictBrowser(f)
	case d.dns != nil:
		return d.predictRecords(f)
	case f.takes(d.members):
		return never("nothing else can serve at %s", d.entry.Host)
	case d.pool:
		return open("each user finds another exit by itself")
	case f.Pick == PickAll:
		return d.predictSeveral(f)
	}
	return d.predictHolders(f)
}

// sameEntry reports whether all users enter at the same place.
func (d design) sameEntry() bool {
	return !slices.ContainsFunc(d.t.Users, func(g topology.Group) bool {
		return g.Proxy != d.entry || (g.PAC == nil) != (d.pac == nil) || !reflect.DeepEqual(g.DNS, d.asked)
	})
}

func (f PlannedFault) nodes() []string {
	var nodes []string
	for _, c := range f.Candidates {
		nodes = append(nodes, c.Node)
	}
	return nodes
}

// takes reports whether the fault leaves none of the nodes.
func (f PlannedFault) takes(nodes []string) bool {
	if f.Pick != PickAll {
		return len(nodes) == 1
	}
	struck := f.nodes()
	return !slices.ContainsFunc(nodes, func(n string) bool { return !slices.Contains(struck, n) })
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

func never(format string, args ...any) *Prediction {
	return &Prediction{Never: true, Text: fmt.Sprintf(format, args...) + ": service returns only with the repair"}
}

// open is a prediction that promises nothing, and says why.
func open(format string, args ...any) *Prediction {
	return &Prediction{unknown: true, Text: fmt.Sprintf(format, args...)}
}

// predictLink is for the loss of WAN links, which only checks see that go through the forward proxies to the origin.
func (d design) predictLink(f PlannedFault) *Prediction {
	if lost := f.nodes(); !overlap(lost, d.servingLinks()) {
		return &Prediction{Text: "no user is served over " + strings.Join(lost, ", ") + ": no outage"}
	}
	if d.balance == nil && len(d.holders()) > 1 && len(d.servingLinks()) > 1 {
		return open("which link serves depends on who holds the address")
	}
	if d.address != nil && d.address.Track != nil && d.address.Track.Kind == topology.CheckOrigin {
		return open("the address may move for it, to whom the timers alone do not tell")
	}
	if d.dns != nil && d.dns.Check.Kind == topology.CheckOrigin && len(d.t.WAN) > 1 {
		return open("the responder sees it, and some users keep the address that they have")
	}
	if d.balance != nil && d.balance.Check.Kind == topology.CheckOrigin {
		return d.predictDetour(f)
	}
	if len(d.t.WAN) > 1 && slices.ContainsFunc(d.t.Nodes, func(n topology.Node) bool { return n.Parents() != nil }) {
		return open("Squid leaves a parent request by request, and no timer says when")
	}
	if len(d.t.WAN) == 1 {
		return never("%s is the only WAN link", d.t.WAN[0].Name)
	}
	return never("no health check looks beyond the forward proxies, so that none leaves its link")
}

// predictDetour is for a balancer whose checks see that a server's link is lost. A forward proxy whose link is cut answers
// at once that it is; over a silent one the check waits for its own timeout. The interval bounds the detection alone.
func (d design) predictDetour(f PlannedFault) *Prediction {
	lost := f.nodes()
	left := slices.ContainsFunc(appendNew(slices.Clone(d.servers), d.backups...), func(server string) bool {
		n, _ := d.t.Node(server)
		return !slices.Contains(lost, n.WAN)
	})
	if !left {
		return never("no server behind the balancer has another link")
	}
	failure, seen := policy.Refused, "the proxy's own error"
	if f.Mode == ModeSilent {
		failure, seen = policy.Frozen, "no answer"
	}
	then := "the connections over the lost link are closed and the users' next ones take another"
	if !d.balance.ShutdownSessions {
		then = "new connections take another link, and kept ones stay with the lost one (on_marked_down: none)"
	}
	return detection("balancer, through the proxy to the origin", balancerTimers(*d.balance), failure, seen, "This bounds its detection; then "+then)
}

// detection bounds when a balancer with these timers sees a failure, and that alone: see Prediction.EventOnly.
func detection(who string, c policy.Check, f policy.Failure, seen, then string) *Prediction {
	b := c.BalancerDown(f)
	return &Prediction{
		Lo: b.Lo, Hi: b.Hi, Event: proxy.EventServerDown, EventOnly: true,
		Text: fmt.Sprintf("%s: phase + T_fail + (fall-1) x (I + T_fail), phase 0 to %s, T_fail %s (%s), fall %d, I %s: %s. %s",
			who, c.Interval, c.BalancerFail(f), seen, c.Fall, c.Interval, interval(b), then),
	}
}

// strikesEntry reports whether the fault takes away the service at which users enter.
func (d design) strikesEntry(f PlannedFault) bool {
	return !slices.ContainsFunc(f.Candidates, func(c Candidate) bool {
		s, ok := d.entryService(c.Node)
		return f.Kind != PowerLoss && (!ok || c.Service != s.Name)
	})
}

// predictServer is for one or all servers of a balancer.
func (d design) predictServer(f PlannedFault) *Prediction {
	if all := appendNew(slices.Clone(d.servers), d.backups...); f.takes(all) {
		return never("no other server is behind the balancer")
	}
	failure := failures[f.Kind]
	if d.balance.Passive != nil {
		return d.predictPassive(failure)
	}
	c := balancerTimers(*d.balance)
	if !c.Sees(failure) {
		return never("a %s check still connects to a frozen process", d.balance.Check.Kind)
	}
	return detection("balancer", c, failure, failure.String(),
		"This bounds its detection, not the users: a new connection may be redispatched before it, a kept one may hang after it")
}

var failures = map[FaultKind]policy.Failure{PowerLoss: policy.Blackholed, Crash: policy.Refused, Hang: policy.Frozen}

// balancerTimers are a balancer's timers as HAProxy has them; the builtin one keeps the same.
func balancerTimers(b topology.Balance) policy.Check {
	c := trackTimers(b.Check)
	c.Connect = b.ConnectTimeout
	return c
}

func trackTimers(c topology.Check) policy.Check {
	return policy.Check{HTTP: c.Kind != topology.CheckTCP, Interval: c.Interval, Timeout: c.Timeout, Fall: c.Fall, Rise: c.Rise}
}

func interval(b policy.Bounds) string { return fmt.Sprintf("%s to %s", round(b.Lo), round(b.Hi)) }

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
