package lifetime

import (
	"math"
	"math/rand/v2"

	"github.com/seed-ab8b6914/spof/reliability/dist"
)

// life plays lives, one after the other, and books their losses.
type life struct {
	*system
	*state
	*books
	views   *views
	random  *rand.PCG
	saved   []*state // by level of splitting
	without State    // of wouldEnd
}

// uniform draws from (0, 1].
func (l *life) uniform() float64 { return float64(l.random.Uint64()>>11+1) / (1 << 53) }

// begin sets all to new, on Monday at 00:00.
func (l *life) begin() {
	l.now, l.last, l.switched, l.downBy = 0, 0, 1, none
	l.users.clear()
	l.room.clear()
	l.open = l.open[:0]
	clear(l.needs)
	clear(l.turn)
	for i := range l.at {
		l.at[i] = math.Inf(1)
	}
	l.rematch()
	clear(l.age)
	clear(l.busy)
	clear(l.queue)
	for i := range l.components {
		l.up.set(i)
		l.run(i)
	}
	for i := range l.stocks {
		l.parts[i] = l.model.Stocks[i].Parts
	}
	for _, s := range l.shocks {
		l.start(s.clock, s.every, 0)
	}
	for i, w := range l.windows {
		from := &l.model.Windows[i]
		l.law[w.clock] = none
		l.set(w.clock, from.Start+168*float64(from.Weeks))
	}
	copy(l.flags, l.views.of(l.up).flags)
	for i := range l.switches {
		l.active[i] = l.preferred(i)
	}
	l.settle(byDesign, false)
}

// start draws the time of a clock from a law, for what has an age already.
func (l *life) start(clock, law int, age float64) {
	l.law[clock], l.born[clock] = int32(law), l.now-age
	switch {
	case law == none:
		l.set(clock, math.Inf(1))
	case age == 0:
		l.set(clock, l.now+l.laws[law].Draw(l.uniform()))
	default:
		l.set(clock, l.now+dist.Residual(l.laws[law], age, l.uniform()))
	}
}

func (l *life) stop(clock int) { l.set(clock, math.Inf(1)) }

// step plays the next event. It gives false at the end of the life.
func (l *life) step() bool {
	next := l.first()
	if l.at[next] >= l.length {
		l.now = l.length
		l.book()
		return false
	}
	l.now = l.at[next]
	switch c := l.owners[next]; c.kind {
	case ofComponent:
		l.componentEvent(c.of)
	case ofShock:
		l.shock(c.of)
	case ofWindow:
		l.windowEvent(c.of)
	case ofSwitch:
		l.closeFailover(c.of)
		l.level(l.served(), byDesign)
	case ofOrder:
		l.stop(next)
		l.delivered(c.of)
	}
	return true
}

func (l *life) componentEvent(i int) {
	if l.condition[i] == repairing {
		l.repaired(i)
		l.settle(byDesign, false)
		return
	}
	l.fail(i, none)
	l.settle(l.components[i].cause, false)
}

// run lets a component that is up begin to run, or to wait for its need.
func (l *life) run(i int) {
	if c := &l.model.Components[i]; c.Standby != nil || c.OnDemand != nil {
		l.condition[i] = dormant
		l.stop(i)
		return
	}
	l.condition[i] = running
	l.start(i, l.components[i].fails, l.age[i])
}

// fail takes a component that is up down. With a law undo, it comes up by that, without crew and part.
func (l *life) fail(i, undo int) {
	l.age[i] = 0
	if l.model.Components[i].KeepsAge && l.condition[i] == running {
		l.age[i] = l.now - l.born[i]
	}
	l.up.clear(i)
	l.since[i], l.holds[i] = l.now, false
	switch c := &l.components[i]; {
	case undo != none:
		l.repair(i, undo)
	case c.repair == none:
		l.repair(i, none)
	case c.stock != none && !l.take(c.stock):
		l.wait(i, noPart)
	default:
		l.seekCrew(i)
	}
}

// take takes a part and orders the next one. It gives false if there is none.
func (l *life) take(i int) bool {
	s := &l.stocks[i]
	for order := s.first; order < s.end; order++ {
		if math.IsInf(l.at[order], 1) {
			l.start(order, s.lead, 0)
			break
		}
	}
	if l.parts[i] == 0 {
		return false
	}
	l.parts[i]--
	return true
}

// delivered gives a part to the component that waits longest, or to the stock.
func (l *life) delivered(i int) {
	if c := l.longest(l.stocked[i], noPart); c != none {
		l.seekCrew(c)
	} else {
		l.parts[i]++
	}
}

func (l *life) seekCrew(i int) {
	crew := l.components[i].crew
	switch {
	case crew == none:
		l.repair(i, l.components[i].repair)
	case l.busy[crew] < l.model.Crews[crew].Members:
		l.busy[crew]++
		l.holds[i] = true
		l.repair(i, l.components[i].repair)
	default:
		l.queue[crew]++
		l.wait(i, noCrew)
	}
}

func (l *life) wait(i int, what condition) {
	l.condition[i] = what
	l.stop(i)
}

func (l *life) repair(i, law int) {
	l.condition[i] = repairing
	l.start(i, law, 0)
}

// repaired brings a component up. Its crew goes to the next.
func (l *life) repaired(i int) {
	l.up.set(i)
	l.run(i)
	if !l.holds[i] {
		return
	}
	crew := l.components[i].crew
	l.busy[crew]--
	if l.queue[crew] > 0 {
		l.queue[crew]--
		l.seekCrew(l.longest(l.crewed[crew], noCrew))
	}
}

// longest gives the component that waits with the least priority number, of equal ones the longest; none: nobody waits.
func (l *life) longest(among []int, waits condition) int {
	best := none
	for _, i := range among {
		if l.condition[i] == waits && (best == none || l.before(i, best)) {
			best = i
		}
	}
	return best
}

func (l *life) before(a, b int) bool {
	pa, pb := l.model.Components[a].Priority, l.model.Components[b].Priority
	return pa < pb || pa == pb && l.since[a] < l.since[b]
}

// shock fails those that it hits, and draws the next shock.
func (l *life) shock(i int) {
	s := &l.shocks[i]
	l.start(s.clock, s.every, 0)
	if when := s.when[hourOf(l.now)]; when < 1 && l.uniform() > when {
		return
	}
	spares := l.model.Shocks[i].Spares
	for _, c := range s.hits {
		if l.up.Up(c) && (spares == 0 || l.uniform() > spares) {
			l.fail(c, s.undo)
		}
	}
	l.settle(s.cause, false)
}
