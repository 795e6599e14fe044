// Package predict computes from the timers of a design the interval of the failover with its formula, or says why there is none, and
// which share of the load the design promises. It follows the users' path through the mechanisms, each in its own file; the formulas of
// the timers are in proxy/policy. It knows faults and designs, and no plan.
package predict

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// Predictor predicts for the users of one entry of a design, under the load of a scenario.
type Predictor struct {
	design.View
	load    scenarios.Load
	measure scenarios.Measure // defines service
}

// For is the predictor of the entry of the largest group.
func For(t *topology.Topology, s *scenarios.Scenario) Predictor {
	return Predictor{View: design.Of(t), load: s.Load, measure: s.Measure}
}

// formulas predict a kind of fault that strikes alone. A kind without a formula has Unpredicted.
var formulas = map[proxy.FaultKind]func(Predictor, fault.Planned) *Prediction{
	fault.PowerLoss:          Predictor.predictLoss,
	fault.Crash:              Predictor.predictLoss,
	fault.Hang:               Predictor.predictLoss,
	fault.WANLoss:            Predictor.predictLink,
	fault.Partition:          Predictor.predictPartition,
	fault.ConfigBreak:        Predictor.predictConfigBreak,
	fault.DNSFailure:         Predictor.predictDNS,
	fault.PSUFailure:         Predictor.predictHardware,
	fault.FanFailure:         Predictor.predictHardware,
	fault.Overheat:           Predictor.predictHardware,
	fault.CoolingZoneFailure: Predictor.predictHardware,
	fault.FeedLoss:           Predictor.predictFeed,
	fault.MainsOutage:        Predictor.predictFeed,
	fault.ExitBlock:          Predictor.predictExitBlock,
}

// Predict predicts for one fault that strikes alone; nil: there is no prediction, and why says the reason. Promised is the share of the
// load that the design promises; 0: all of it.
func (d Predictor) Predict(f fault.Planned, promised float64) (p *Prediction, why string) {
	if d.Topology.Deployed != nil {
		return nil, "the files of the team have a prediction of their own"
	}
	formula := formulas[f.Kind]
	if formula == nil {
		kind, _ := fault.Of(f.Kind)
		return nil, kind.Unpredicted
	}
	p = d.predictAll(f, promised, func(v Predictor, f fault.Planned) *Prediction { return formula(v, f).until(f.Undo - f.At) })
	if p.unknown {
		return nil, p.Text
	}
	return p, ""
}

// severalLost: more than one mechanism has to react at once.
const severalLost = "the fault strikes several parts of the users' path at once: their entry, a server behind it, or its parent"

// predictLoss predicts for the loss of nodes or services.
func (d Predictor) predictLoss(f fault.Planned) *Prediction {
	h := d.hits(f)
	switch {
	case d.Asked != nil && overlap(f.Nodes(), d.Asked.Servers):
		return d.predictDNS(f)
	case h.several():
		return open(severalLost)
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
		return open("each user finds another exit at its own time")
	case f.Pick == target.PickAll:
		return d.predictSeveral(f)
	}
	return d.predictHolders(f)
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// detection bounds when a balancer with these timers detects a failure, and only that: see Prediction.EventOnly.
func detection(who string, c policy.Check, f policy.Failure, seen, then string) *Prediction {
	b := c.BalancerDown(f)
	return &Prediction{
		Lo: b.Lo, Hi: b.Hi, Event: string(proxy.EventServerDown), EventOnly: true,
		Text: fmt.Sprintf("%s: phase + T_fail + (fall-1) x (I + T_fail), phase 0 to %s, T_fail %s (%s), fall %d, I %s: %s. %s",
			who, c.Interval, c.BalancerFail(f), seen, c.Fall, c.Interval, interval(b), then),
	}
}

// predictServer predicts for servers of a balancer.
func (d Predictor) predictServer(f fault.Planned) *Prediction {
	if all := d.AllServers(); f.Takes(all) {
		return never("the balancer has no other server")
	}
	return d.eachBalancer(func(v Predictor) *Prediction { return v.predictChecked(failures[f.Kind]) })
}

// eachBalancer predicts for each balancer that may serve. Their timers may differ: the result covers all of them.
func (d Predictor) eachBalancer(predict func(Predictor) *Prediction) (whole *Prediction) {
	for _, b := range d.Balancers() {
		v := d
		v.Balance = &b
		whole = either(whole, predict(v))
	}
	return whole
}

// predictChecked predicts for the failure of a server of the balancer.
func (d Predictor) predictChecked(failure policy.Failure) *Prediction {
	if d.Balance.Passive != nil {
		return d.predictPassive(failure)
	}
	c := BalancerTimers(*d.Balance)
	if !c.Sees(failure) {
		return never("a %s check still connects to a frozen process", d.Balance.Check.Kind)
	}
	return detection("balancer", c, failure, failure.String(), d.untilDown())
}

// untilDown says what users see of a struck server until the balancer has marked it down. With the algorithm source, a redispatched
// connection goes to the same server again until then (policy.Pool).
func (d Predictor) untilDown() string {
	switch {
	case d.Balance.Algorithm == string(policy.Source):
		return "This bounds its detection, not the outage. With balance source one server has all users of a group, because they share one " +
			"address. If it is the struck server, each new connection fails until it is down, because a retry goes to the same server (HAProxy: hash-type " +
			"map-based). If it is another server, no user notices"
	case !d.Balance.Redispatch || d.Balance.Retries == 0:
		return "This bounds its detection, not the outage: until then each new connection to the server fails, and a kept one may hang for longer"
	}
	return "This bounds its detection, not the outage: a new connection may be redispatched earlier, and a kept one may hang for longer"
}

var failures = map[proxy.FaultKind]policy.Failure{fault.PowerLoss: policy.Blackholed, fault.Crash: policy.Refused, fault.Hang: policy.Frozen}

// BalancerTimers are the timers of a balancer's check. The builtin balancer has the same as HAProxy.
func BalancerTimers(b topology.Balance) policy.Check {
	c := CheckTimers(b.Check)
	c.Connect = b.ConnectTimeout
	return c
}

// CheckTimers are the timers of a check.
func CheckTimers(c topology.Check) policy.Check {
	return policy.Check{HTTP: c.Kind != topology.CheckTCP, Interval: c.Interval, Timeout: c.Timeout, Fall: c.Fall, Rise: c.Rise}
}

func interval(b policy.Bounds) string { return fmt.Sprintf("%s to %s", round(b.Lo), round(b.Hi)) }

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
