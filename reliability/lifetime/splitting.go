package lifetime

import (
	"math"

	"github.com/seed-ab8b6914/spof/reliability/dist"
)

// Splitting finds rare outages (RESTART). The states have levels: 0 is far from an outage. Each time that a life rises to a level, copies of
// it are made there, which end when they fall below it again. What a life and its copies lose above a level counts by the inverse of their
// number, so that all means stay right whatever the levels and numbers are. Copies are worth it where the next level is reached from this
// one with a probability of about 1 / Copies.
type Splitting struct {
	// Level of a state, such as the number of failed components of the cut set that is nearest to failing. Levels above len(Copies) count
	// as that.
	Level  func(up State) int
	Copies []int // in which a life and its copies go on, by level from 1; 1: no copy
}

// trial plays until the end of the life, or until the level falls below the floor. It begins at the floor.
func (l *life) trial(floor int) {
	at := floor
	at = l.rise(at, l.depth)
	for l.step() {
		switch {
		case l.depth > at:
			at = l.rise(at, l.depth)
		case l.depth < at:
			l.book()
			if l.depth < floor {
				return
			}
			at = l.depth
			l.weight = l.splits.weight(at)
		}
	}
}

// rise makes the copies of each level that was reached, the lowest first, and plays them. Then the original goes on.
func (l *life) rise(from, to int) int {
	if from == to {
		return to
	}
	l.book()
	for level := from + 1; level <= to; level++ {
		l.saved[level-1].copyFrom(l.state)
		for range l.splits.Copies[level-1] - 1 {
			l.redraw()
			l.weight = l.splits.weight(level)
			l.trial(level)
			l.state.copyFrom(l.saved[level-1])
		}
	}
	l.weight = l.splits.weight(to)
	return to
}

// weight of what is lost at a level.
func (s *Splitting) weight(level int) float64 {
	w := 1.0
	for _, copies := range s.Copies[:level] {
		w /= float64(copies)
	}
	return w
}

// redraw draws all pending times anew, given that they have not come yet, so that copies differ.
func (l *life) redraw() {
	for i, law := range l.law {
		if law != none && !math.IsInf(l.at[i], 1) {
			l.at[i] = l.again(i, int(law))
		}
	}
	l.rematch()
}

// again draws the time of a clock that has waited for a while.
func (l *life) again(clock, law int) float64 {
	return l.now + dist.Residual(l.laws[law], l.now-l.born[clock], l.uniform())
}
