package predict

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// course is when the nodes of the candidates warn, become critical and die, from the effect of the fault.
type course struct {
	warns, critical, dies time.Duration
	never                 bool // it does not die
}

// course gives the course, if it is the same for all candidates.
func (d Predictor) course(f fault.Planned) (course, bool) {
	var all []course
	for _, c := range f.Candidates {
		n, _ := d.Topology.Node(c.Node)
		all = append(all, courseOf(n.Hardware(), f))
	}
	same := len(all) > 0 && !slices.ContainsFunc(all, func(c course) bool { return c != all[0] })
	if !same {
		return course{}, false
	}
	return all[0], true
}

func courseOf(hw topology.Chassis, f fault.Planned) course {
	const far = time.Duration(1<<63 - 1)
	if f.Kind == fault.PSUFailure {
		if len(hw.PSUs)-1 >= hw.Needed {
			return course{critical: far, dies: far, never: true} // warns is 0: at once
		}
		return course{}
	}
	c := course{far, far, far, false}
	for _, s := range hw.Sensors {
		c.warns = min(c.warns, s.Reaches(s.Warning, f.Rise))
		c.critical = min(c.critical, s.Reaches(s.Critical, f.Rise))
		c.dies = min(c.dies, s.Reaches(s.Shutdown, f.Rise))
	}
	if f.Kind == fault.FanFailure {
		c.warns = 0 // a stopped fan is a warning
	}
	c.never = f.Undo-f.At <= c.dies
	return c
}

// predictHardware predicts for faults that a node survives for a limited time, or without a limit, and that its chassis may report.
func (d Predictor) predictHardware(f fault.Planned) *Prediction {
	c, same := d.course(f)
	atOnce := !c.never && c.dies == 0 // before any signal
	switch {
	case !same:
		return open("the chassis of the candidates warn or fail at different times")
	case d.Topology.Signals == topology.Drain && !atOnce:
		return d.predictDrain(f, c)
	case d.Topology.Signals == topology.Leave && !atOnce && c.critical < f.Undo-f.At:
		return d.predictLeave(f, c)
	case c.never:
		return quiet("the remaining hardware carries the node")
	}
	loss := f
	loss.Kind, loss.At = fault.PowerLoss, f.At+c.dies
	p := d.predictLoss(loss)
	if p.Never || p.unknown || p.quiet() || c.dies == 0 {
		return p
	}
	p.Lo, p.Hi = p.Lo+c.dies, p.Hi+c.dies
	p.Text = fmt.Sprintf("thermal shutdown after %s, then %s; from the failure of cooling: %s to %s", round(c.dies), p.Text, round(p.Lo), round(p.Hi))
	return p
}

// predictDrain predicts for a node that drains at its first warning.
func (d Predictor) predictDrain(f fault.Planned, c course) *Prediction {
	struck, h := f.Nodes(), d.hits(f)
	switch {
	case h.several():
		return open(severalLost)
	case h.none():
		return d.idle(f)
	case h.parent:
		return open("Squid does not ask the chassis of a parent, and no timer bounds the effect of a draining parent on its children")
	case f.Pick == target.PickAll && (subset(d.Members, struck) || subset(d.Servers, struck)):
		return open("all nodes drain, so none can take over; no timer bounds how the mechanisms react")
	case d.DNS != nil:
		return d.predictNotice(c, c.warns, len(struck), "warning")
	case h.server:
		return quiet("from its warning after %s on the balancer sends the node no new connections; requests on connections that it closes are sent again", round(c.warns))
	case d.Address == nil || len(d.Members) < 2:
		return open("no timer of the design moves users away from a draining node")
	case !d.Address.Preempt:
		return d.released(f, c.warns, "warning")
	}
	warned := d.Members[:1]
	if f.Pick == target.PickAll {
		warned = append(struck, d.Members[0])
	}
	backup := d.backup(warned...)
	moved := c.warns + d.timers(backup.Priority).MasterDown()
	if !c.never && moved >= c.critical {
		return open("the drain takes until %s, and the node is critical after %s: either may come first", round(moved), round(c.critical))
	}
	return quiet("the node lowers its priority at its warning after %s; %s takes the address within MDI, by %s, while the node still serves",
		round(c.warns), backup.Node, round(moved))
}

// predictLeave predicts for a node that leaves service when it is critical, before it dies.
func (d Predictor) predictLeave(f fault.Planned, c course) *Prediction {
	h := d.hits(f)
	if h.none() {
		return d.idle(f)
	}
	if h.parent {
		return open("Squid does not ask the chassis of a parent, and no timer bounds the effect of a leaving parent on its children")
	}
	if h.server {
		return open("no timer of the design bounds when the balancer asks the node for its state")
	}
	if d.DNS != nil && subset(f.Nodes(), d.Members) && !f.Takes(d.Members) {
		return d.predictNotice(c, c.critical, len(f.Nodes()), "critical")
	}
	return d.released(f, c.critical, "critical")
}

// reaction bounds what keepalived takes in addition to its timers from one node's FAULT to another's MASTER: 5 to 24 ms were measured.
const reaction = 25 * time.Millisecond

// released predicts for a holder that leaves the election by FAULT. If several nodes may hold the address, the interval covers each.
func (d Predictor) released(f fault.Planned, at time.Duration, why string) *Prediction {
	if d.Address == nil || f.Pick != target.PickHolder && !slices.Equal(f.Nodes(), d.Holders()) {
		return open("before the fault it is unknown whether the node holds the users' address")
	}
	var whole *Prediction
	for _, holder := range d.Holders() {
		backup := d.backup(holder)
		b := policy.Bounds{Lo: at, Hi: at + reaction}.Plus(d.timers(backup.Priority).Release())
		whole = either(whole, elected(b, "%s after %s: FAULT, priority 0; %s after its skew: %s. This bounds only the election: during the skew no node "+
			"holds the address, and requests wait instead of failing", why, round(at), backup.Node, interval(b)))
	}
	whole.EventOnly, whole.sure = true, true
	return whole
}

// subset reports whether a is not empty and all of it is in b.
func subset(a, b []string) bool {
	return len(a) > 0 && !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(b, s) })
}
