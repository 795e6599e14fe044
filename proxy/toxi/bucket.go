package toxi

import (
	"sync"
	"time"
)

// The grain of a bucket. Go's timers are a millisecond coarse, a busy machine wakes sleepers late, and waking costs more than
// sending.
const (
	ahead  = 2 * time.Millisecond  // a place that passes sooner than this is not waited for
	credit = 50 * time.Millisecond // of the line's time that data had to wait for its sender is made up for at most

	turn     = 10 * time.Millisecond  // of the line's time that a connection takes before the others have theirs
	longTurn = 120 * time.Millisecond // and at most, where it goes on sending and few others wait:
	round    = 200 * time.Millisecond // all have had a turn within this, as long as turns can be cut

	tick     = 5 * time.Millisecond  // who waits is woken together with others at the next of these,
	maxTick  = 40 * time.Millisecond // who waits long at every second, fourth or eighth of them,
	patience = 2                     // as long as that adds at most one part in so many to the wait

	minTurn, maxTurn = 1460, 32 << 10 // bytes of a turn: a segment, and what Toxiproxy reads at once
)

// bucket is the capacity of a line in one direction, on which bytes follow each other. Who has something to send takes
// the next free place and waits until that has passed; a connection has one place at a time, so that those who wait take
// turns.
type bucket struct {
	mu   sync.Mutex
	rate int64     // bit/s; 0: without limit
	base time.Time // of the ticks
	free time.Time // when all that has a place has passed
}

// set changes the rate and takes every place back: those who wait are woken and ask again.
func (b *bucket) set(rate int64, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rate, b.base, b.free = rate, now, now
}

// quantum is how many bytes of n a connection may send in one turn. One that goes on sending has longer turns while few others
// wait: each turn is a wake-up.
func (b *bucket) quantum(n int, goesOn bool, now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate == 0 {
		return n
	}
	long := turn
	if goesOn {
		long = max(turn, min(longTurn, round-b.free.Sub(now)))
	}
	q := int(min(max(float64(b.rate)/8*long.Seconds(), minTurn), maxTurn))
	if n < q+q/2 { // no turn for a small rest
		return n
	}
	return q
}

// take gives n bytes, which have been there since ready, a place. It says how long to wait for it to have passed, and when
// that is. A line that nobody used saves nothing up; what a sender lost by waking late is made up for.
func (b *bucket) take(n int, ready, now time.Time) (wait time.Duration, passed time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate == 0 {
		return 0, now
	}
	for _, earliest := range [...]time.Time{ready, now.Add(-credit)} {
		if b.free.Before(earliest) {
			b.free = earliest
		}
	}
	b.free = b.free.Add(time.Duration(float64(n) * 8 / float64(b.rate) * float64(time.Second)))
	if b.free.Sub(now) <= ahead {
		return 0, b.free
	}
	grain := grainOf(b.free.Sub(now))
	ticks := (b.free.Sub(b.base) + grain - 1) / grain
	return b.base.Add(ticks * grain).Sub(now), b.free
}

// grainOf is the distance of the instants at which one who waits so long may be woken: the longer the wait, the coarser.
func grainOf(wait time.Duration) time.Duration {
	grain := tick
	for grain < maxTick && wait >= 2*patience*grain {
		grain *= 2
	}
	return grain
}
