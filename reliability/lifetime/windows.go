package lifetime

import (
	"math"
	"slices"
)

// windowEvent ends the turn of a window's group, if one is out, and takes the next one out.
func (l *life) windowEvent(i int) {
	w := &l.windows[i]
	if l.law[w.clock] != none {
		l.closeGroup(i)
		l.turn[i]++
	}
	for ; l.turn[i] < len(w.groups); l.turn[i]++ {
		group := w.groups[l.turn[i]]
		if slices.ContainsFunc(group, l.up.Up) && !(l.model.Windows[i].Careful && l.wouldEnd(group)) {
			l.openGroup(i, group)
			return
		}
	}
	l.turn[i] = 0
	l.nextWindow(i)
}

func (l *life) openGroup(i int, group []int) {
	w := &l.windows[i]
	for _, c := range group {
		if l.up.Up(c) {
			l.hold(c, i)
		}
	}
	l.start(w.clock, w.lasts, 0)
	l.settle(w.cause, true)
}

func (l *life) closeGroup(i int) {
	for _, c := range l.windows[i].groups[l.turn[i]] {
		if l.condition[c] == maintained && l.window[c] == i {
			l.up.set(c)
			l.run(c)
		}
	}
	l.settle(byDesign, false)
}

// nextWindow sets the clock to the next start after now.
func (l *life) nextWindow(i int) {
	from, clock := &l.model.Windows[i], l.windows[i].clock
	period := 168 * float64(from.Weeks)
	l.law[clock] = none
	const slack = 1e-9 // of a period, for rounding: the start that is now is not the next one
	l.set(clock, from.Start+period*(math.Floor((l.now-from.Start)/period+slack)+1))
}

// wouldEnd tells whether the service would be down without components, and fewer users served than now.
func (l *life) wouldEnd(group []int) bool {
	copy(l.without, l.up)
	for _, c := range group {
		l.without.clear(c)
	}
	share := l.views.of(l.without).share
	return share < l.enough && share < l.users.share
}

// hold stops a component that is up. It keeps its age.
func (l *life) hold(c, window int) {
	l.up.clear(c)
	l.age[c] = l.now - l.born[c]
	l.condition[c], l.window[c] = maintained, window
	l.stop(c)
}
