package scenarios

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// predictor sees a design from one place where users enter, with what its predictions depend on beside it.
type predictor struct {
	design.View
	load    Load
	measure Measure // what service is
}

// formulas are what a design's timers promise of a kind of fault that strikes alone. A kind without one says why it is
// Unpredicted.
var formulas = map[proxy.FaultKind]func(predictor, fault.Planned) *Prediction{
	proxy.PowerLoss:          predictor.predictLoss,
	proxy.Crash:              predictor.predictLoss,
	proxy.Hang:               predictor.predictLoss,
	proxy.WANLoss:            predictor.predictLink,
	proxy.Partition:          predictor.predictPartition,
	proxy.ConfigBreak:        predictor.predictConfigBreak,
	proxy.DNSFailure:         predictor.predictDNS,
	proxy.PSUFailure:         predictor.predictHardware,
	proxy.FanFailure:         predictor.predictHardware,
	proxy.Overheat:           predictor.predictHardware,
	proxy.CoolingZoneFailure: predictor.predictHardware,
	proxy.FeedLoss:           predictor.predictFeed,
	proxy.MainsOutage:        predictor.predictFeed,
	proxy.ExitBlock:          predictor.predictExitBlock,
}

// predict says what the design's own timers promise for one fault that strikes while everything else is well, or why they
// promise nothing. The formulas are those of package policy. Promised is the share of the load that the design promises; 0: all
// of it.
func (d predictor) predict(f fault.Planned, promised float64) *Prediction {
	formula := formulas[f.Kind]
	if formula == nil {
		kind, _ := fault.Of(f.Kind)
		return open("%s", kind.Unpredicted)
	}
	return d.predictAll(f, promised, func(v predictor, f fault.Planned) *Prediction { return formula(v, f).until(f.Undo - f.At) })
}

// predictLoss is for a fault that takes a node or a service away.
func (d predictor) predictLoss(f fault.Planned) *Prediction {
	h := d.hits(f)
	switch {
	case d.Asked != nil && overlap(f.Nodes(), d.Asked.Servers):
		return d.predictDNS(f)
	case h.several():
		return open("users lose more than one thing on their way at once: where they enter, a server behind it, a parent of that")
	case h.none():
		return d.idle(f)
	case h.parent:
		return d.predictParent(f)
	case h.server:
		return d.predictServer(f)
	case d.PAC != nil:
		return d.predictBrowser(f)
	case d.DNS != nil:
		return d.predictRecords(f)
	case f.Takes(d.Members):
		return never("nothing else can serve at %s", d.Entry.Host)
	case d.Pool:
		return open("each user finds another exit by itself")
	case f.Pick == target.PickAll:
		return d.predictSeveral(f)
	}
	return d.predictHolders(f)
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
		Lo: b.Lo, Hi: b.Hi, Event: proxy.EventServerDown, EventOnly: true,
		Text: fmt.Sprintf("%s: phase + T_fail + (fall-1) x (I + T_fail), phase 0 to %s, T_fail %s (%s), fall %d, I %s: %s. %s",
			who, c.Interval, c.BalancerFail(f), seen, c.Fall, c.Interval, interval(b), then),
	}
}

// predictServer is for one or all servers of a balancer.
func (d predictor) predictServer(f fault.Planned) *Prediction {
	if all := d.AllServers(); f.Takes(all) {
		return never("no other server is behind the balancer")
	}
	failure := failures[f.Kind]
	if d.Balance.Passive != nil {
		return d.predictPassive(failure)
	}
	c := balancerTimers(*d.Balance)
	if !c.Sees(failure) {
		return never("a %s check still connects to a frozen process", d.Balance.Check.Kind)
	}
	return detection("balancer", c, failure, failure.String(), d.untilDown())
}

// untilDown says what users see of a struck server until the balancer has found out. With the hash of the source a redispatched
// connection comes to the same server again until that is down (policy.Pool).
func (d predictor) untilDown() string {
	switch {
	case d.Balance.Algorithm == string(policy.Source):
		return "balance source: a group's users share one address, so that one server has all of them. Where it is this one, their new connections " +
			"fail until it is down, since a redispatched one comes to it again (HAProxy: hash-type map-based); where it is another, nobody notices. So this bounds " +
			"its detection, and not the users"
	case !d.Balance.Redispatch || d.Balance.Retries == 0:
		return "This bounds its detection, not the users: until then each new connection that comes to it fails, and a kept one may hang after it"
	}
	return "This bounds its detection, not the users: a new connection may be redispatched before it, a kept one may hang after it"
}

var failures = map[proxy.FaultKind]policy.Failure{proxy.PowerLoss: policy.Blackholed, proxy.Crash: policy.Refused, proxy.Hang: policy.Frozen}

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
