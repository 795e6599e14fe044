package predict

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// predictHolders predicts for a fault of the node that holds the users' address. Without preemption more than one node may hold it; then
// the interval covers each of them.
func (d Predictor) predictHolders(f fault.Planned) *Prediction {
	holders := d.Holders()
	if f.Pick == target.PickFirst {
		if !overlap(f.Nodes(), holders) {
			return quiet("%s holds the address", holders[0])
		}
		if len(holders) > 1 {
			return d.perhaps(f)
		}
	}
	var whole *Prediction
	for _, name := range holders {
		whole = either(whole, d.predictHolder(f, name))
	}
	return whole
}

// predictSeveral predicts for several members that fall silent at the same instant, one of which holds the address.
func (d Predictor) predictSeveral(f fault.Planned) *Prediction {
	if !silent(f) || d.Address == nil || !d.Address.Preempt || !slices.Contains(f.Nodes(), d.Members[0]) {
		return open("the timers do not say which struck member holds the address, or when another member takes it")
	}
	return d.predictSilence(f, f.Nodes()...)
}

// predictSilence predicts for members that fall silent at the same instant, one of which holds the address: the timer of the best member
// that is left expires.
func (d Predictor) predictSilence(f fault.Planned, struck ...string) *Prediction {
	backup := d.backup(struck...)
	timers := d.timers(backup.Priority)
	b := timers.Silence()
	p := elected(b, "%s: MDI - A to MDI, %s: %s", backup.Node, mdi(timers), interval(b))
	p.sure = true
	return d.returned(p, f, struck)
}

// perhaps predicts for a named member of an address without preemption: it may hold the address or not.
func (d Predictor) perhaps(f fault.Planned) *Prediction {
	p := d.predictHolder(f, f.Candidates[0].Node)
	if p.unknown {
		return p
	}
	if p.Never {
		return open("without preemption the timers do not say whether the node holds the address; if it does: %s", p.Text)
	}
	p.Lo, p.Event = 0, ""
	p.Text = "no outage if the node does not hold the address (no preemption); otherwise " + p.Text
	return p
}

func bounds(p *Prediction) policy.Bounds { return policy.Bounds{Lo: p.Lo, Hi: p.Hi} }

// predictHolder predicts for a fault of one node that holds the address.
func (d Predictor) predictHolder(f fault.Planned, holder string) *Prediction {
	backup := d.backup(holder)
	if silent(f) {
		return d.predictSilence(f, holder)
	}
	track := d.Address.Track
	if track == nil {
		return never("no check watches the service of %s", holder)
	}
	if s, ok := d.EntryService(holder); !ok || s.Name != track.Service {
		return never("%s checks the service %s, not the one at the entry", d.Address.Name, track.Service)
	}
	c := CheckTimers(track.Check)
	if !c.Sees(failures[f.Kind]) {
		return never("a %s check still connects to a frozen process", track.Kind)
	}
	return d.tracked(holder, backup, c, failures[f.Kind])
}

// tracked predicts for a failure that the track script of the holder detects.
func (d Predictor) tracked(holder string, backup topology.Member, c policy.Check, f policy.Failure) *Prediction {
	timers := d.timers(backup.Priority)
	script := fmt.Sprintf("track script: phase + (fall-1) x I + run, phase 0 to %s, fall %d, I %s, run %s (%s)",
		c.Interval, c.Fall, c.Interval, interval(c.ScriptFail(f)), f)
	weight := d.Address.Track.Weight
	if weight == 0 {
		b := c.ScriptDown(f).Plus(timers.Release())
		return elected(b, "%s; FAULT, priority 0; %s after its skew %s: %s", script, backup.Node, round(timers.Skew()), interval(b))
	}
	lowered := max(1, d.priority(holder)+weight)
	switch {
	case !d.Address.Preempt:
		return never("the failed check lowers the priority of %s to %d, but without preemption no member takes over", holder, lowered)
	case lowered >= backup.Priority:
		return never("the failed check lowers the priority of %s to %d, which is not below %d of %s", holder, lowered, backup.Priority, backup.Node)
	}
	b := c.ScriptDown(f).Plus(timers.Silence())
	return elected(b, "%s; priority %d; %s discards these advertisements until its own timer expires, MDI - A to MDI, %s: %s",
		script, lowered, backup.Node, mdi(timers), interval(b))
}

func elected(b policy.Bounds, format string, args ...any) *Prediction {
	return &Prediction{Lo: b.Lo, Hi: b.Hi, Event: string(proxy.EventVRRP), Text: fmt.Sprintf(format, args...)}
}

// backup is the member of highest priority that is not struck; struck are not all members.
func (d Predictor) backup(struck ...string) topology.Member {
	i := slices.IndexFunc(d.Address.Members, func(m topology.Member) bool { return !slices.Contains(struck, m.Node) })
	return d.Address.Members[i]
}

func (d Predictor) priority(node string) int {
	i := slices.IndexFunc(d.Address.Members, func(m topology.Member) bool { return m.Node == node })
	return d.Address.Members[i].Priority
}

func (d Predictor) timers(priority int) policy.VRRP {
	return policy.VRRP{Version: d.Address.Version, Advert: d.Address.Advert, Priority: priority}
}

// mdi formats the formula of Master_Down_Interval.
func mdi(v policy.VRRP) string {
	unit := "1s"
	if v.Version == 3 {
		unit = v.Advert.String()
	}
	return fmt.Sprintf("MDI = 3 x %s + (256-%d)/256 x %s = %s", v.Advert, v.Priority, unit, round(v.MasterDown()))
}
