package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// predict says what the design's own timers promise for one fault that strikes while everything else is well, or why they
// promise nothing. The formulas are those of package policy.
func (d design) predict(f PlannedFault) *Prediction {
	info, _ := kindOf(f.Kind)
	if info.predict == nil {
		return open("%s", info.unpredicted)
	}
	return d.predictAll(f, func(v design, f PlannedFault) *Prediction { return info.predict(v, f).until(f.Undo - f.At) })
}

// predictLoss is for a fault that takes a node or a service away.
func (d design) predictLoss(f PlannedFault) *Prediction {
	h := d.hits(f)
	switch {
	case d.asked != nil && overlap(f.nodes(), d.asked.Servers):
		return d.predictDNS(f)
	case h.several():
		return open("users lose more than one thing on their way at once: where they enter, a server behind it, a parent of that")
	case h.none():
		return d.idle(f)
	case h.parent:
		return d.predictParent(f)
	case h.server:
		return d.predictServer(f)
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

// quiet is a prediction of no outage, and says why.
func quiet(format string, args ...any) *Prediction {
	return &Prediction{Text: fmt.Sprintf(format, args...) + ": no outage"}
}

func (p *Prediction) quiet() bool { return p.Hi == 0 && !p.Never && !p.unknown && !p.EventOnly }

// open is a prediction that promises nothing, and says why.
func open(format string, args ...any) *Prediction {
	return &Prediction{unknown: true, Text: fmt.Sprintf(format, args...)}
}

// detection bounds when a balancer with these timers sees a failure, and that alone: see Prediction.EventOnly.
func detection(who string, c policy.Check, f policy.Failure, seen, then string) *Prediction {
	b := c.BalancerDown(f)
	return &Prediction{
		Lo: b.Lo, Hi: b.Hi, Event: string(proxy.EventServerDown), EventOnly: true,
		Text: fmt.Sprintf("%s: phase + T_fail + (fall-1) x (I + T_fail), phase 0 to %s, T_fail %s (%s), fall %d, I %s: %s. %s",
			who, c.Interval, c.BalancerFail(f), seen, c.Fall, c.Interval, interval(b), then),
	}
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
	return detection("balancer", c, failure, failure.String(), d.untilDown())
}

// untilDown says what users see of a struck server until the balancer has found out. With the hash of the source a redispatched
// connection comes to the same server again until that is down (policy.Pool).
func (d design) untilDown() string {
	switch {
	case d.balance.Algorithm == string(policy.Source):
		return "balance source: a group's users share one address, so that one server has all of them. Where it is this one, their new connections " +
			"fail until it is down, since a redispatched one comes to it again (HAProxy: hash-type map-based); where it is another, nobody notices. So this bounds " +
			"its detection, and not the users"
	case !d.balance.Redispatch || d.balance.Retries == 0:
		return "This bounds its detection, not the users: until then each new connection that comes to it fails, and a kept one may hang after it"
	}
	return "This bounds its detection, not the users: a new connection may be redispatched before it, a kept one may hang after it"
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
