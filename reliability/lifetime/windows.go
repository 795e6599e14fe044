package lifetime

import "math"

// windowEvent opens or closes a window.
func (l *life) windowEvent(i int) {
	w := &l.windows[i]
	if l.law[w.clock] != none {
		l.closeWindow(i)
		return
	}
	if l.model.Windows[i].Careful && l.wouldEnd(w) {
		l.nextWindow(i)
		return
	}
	for _, c := range w.components {
		if l.up.Up(c) {
			l.hold(c, i)
		}
	}
	l.start(w.clock, w.lasts, 0)
	l.settle(w.cause, true)
}

func (l *life) closeWindow(i int) {
	for _, c := range l.windows[i].components {
		if l.condition[c] == maintained && l.window[c] == i {
			l.up.set(c)
			l.run(c)
		}
	}
	l.nextWindow(i)
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

// wouldEnd tells whether the service would go down without the components of a window.
func (l *life) wouldEnd(w *window) bool {
	copy(l.without, l.up)
	for _, c := range w.components {
		l.without.clear(c)
	}
	return l.downBy == none && l.views.of(l.without).share < l.enough
}

// hold stops a component that is up. It keeps its age.
func (l *life) hold(c, window int) {
	l.up.clear(c)
	l.age[c] = l.now - l.born[c]
	l.condition[c], l.window[c] = maintained, window
	l.stop(c)
}
