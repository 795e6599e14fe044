package toxi

import (
	"sync"
	"time"
)

// The grain of a bucket. Go's timers are a millisecond coarse, a busy machine wakes sleepers late, and waking an idle process
// costs more than to send what Toxiproxy reads at once: CPU goes by the instants at which somebody wakes.
const (
	ahead  = 2 * time.Millisecond   // a place that passes sooner than this is not waited for
	credit = 150 * time.Millisecond // of the line's time that data had to wait for its sender is made up for at most

	turn     = 10 * time.Millisecond  // of the line's time that a connection takes before the others have theirs
	longTurn = 140 * time.Millisecond // and at most, where it goes on sending and few others wait:
	round    = 200 * time.Millisecond // all have had a turn within this, as long as turns can be cut

	tick     = 5 * time.Millisecond  // who waits is woken together with others at the next of these,
	maxTick  = 40 * time.Millisecond // who waits long at every second, fourth or eighth of them,
	bulkTick = 80 * time.Millisecond // or sixteenth, where it goes on sending and others do too,
	patience = 2                     // as long as that adds at most one part in so many to the wait,
	bulk     = 1                     // or as much as all of it, which the line makes up for: the next turn is due as if on time

	minTurn, maxTurn = 1460, 32 << 10 // bytes of a turn: a segment, and what Toxiproxy reads at once;
	maxLongTurn      = 2 * maxTurn    // as much again where the round has room for it
)

// bucket is the capacity of a line in one direction, on which bytes follow each other. Who has something to send takes
// the next free place and waits until that has passed; a connection has one place at a time, so that those who wait take
// turns.
type bucket struct {
	mu      sync.Mutex
	rate    int64     // bit/s; 0: without limit
	base    time.Time // of the ticks
	free    time.Time // when all that has a place has passed
	waiting int       // connections that have a place and wait for it
}

// set changes the rate and takes every place back: those who wait are woken and ask again.
func (b *bucket) set(rate int64, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rate, b.base, b.free = rate, now, now
}

// quantum is how many bytes a connection may send in one turn. One that goes on sending has an equal part of the round: more
// if it comes later, since its last turn, than the others do, and less if sooner. That is damped, so that rounds keep their
// length.
func (b *bucket) quantum(goesOn bool, since time.Duration) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate == 0 {
		return maxLongTurn
	}
	bytes := func(d time.Duration) float64 { return float64(b.rate) / 8 * d.Seconds() }
	q := min(max(bytes(turn), minTurn), maxTurn)
	if goesOn {
		all := float64(1 + b.waiting)
		q = max(q, min(bytes(min(longTurn, round/time.Duration(all))), maxLongTurn))
		if b.waiting > 0 {
			q *= 0.25 + 0.75*min(bytes(since)/(q*all), 2)
		}
	}
	return int(q)
}

// take gives n bytes, which have been there since ready, a place. It says how long to wait for it to have passed, and when
// that is; who waits says so by leave when that is over. A line that nobody used saves nothing up; what a sender lost by
// waking late is made up for.
func (b *bucket) take(n int, goesOn bool, ready, now time.Time) (wait time.Duration, passed time.Time) {
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
	b.waiting++
	grain := grainOf(b.free.Sub(now), goesOn && b.waiting > 1)
	ticks := (b.free.Sub(b.base) + grain - 1) / grain
	return b.base.Add(ticks * grain).Sub(now), b.free
}

// leave ends a wait, in whatever way.
func (b *bucket) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting--
}

// grainOf is the distance of the instants at which one who waits so long may be woken: the longer the wait, the coarser.
func grainOf(wait time.Duration, goesOn bool) time.Duration {
	coarsest, parts := maxTick, time.Duration(patience)
	if goesOn {
		coarsest, parts = bulkTick, bulk
	}
	grain := tick
	for grain < coarsest && wait >= 2*parts*grain {
		grain *= 2
	}
	return grain
}
