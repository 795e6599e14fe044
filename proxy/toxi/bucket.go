package toxi

import (
	"sync"
	"time"
)

// The grain of a bucket. Go's timers are 1 ms coarse, a busy machine wakes sleepers late, and waking an idle process costs more
// than sending what Toxiproxy reads at once. The CPU cost depends on the number of instants at which connections wake.
const (
	ahead  = 2 * time.Millisecond   // a connection does not wait if its data will have passed within this time
	credit = 150 * time.Millisecond // the longest time of a late sender that the line makes up for

	turn     = 10 * time.Millisecond  // of the line's time: the first turn of a connection
	longTurn = 140 * time.Millisecond // the longest turn, of a connection that continues to send while few others wait
	round    = 200 * time.Millisecond // every connection has a turn within this time, as far as minTurn allows

	tick     = 5 * time.Millisecond  // connections wake together at ticks
	maxTick  = 40 * time.Millisecond // after a long wait, at every second, fourth or eighth tick
	bulkTick = 80 * time.Millisecond // or at every sixteenth, if this connection and others continue to send
	patience = 2                     // a coarser tick may make the wait longer by 1/patience
	bulk     = 1                     // or by 1/bulk with bulkTick; the line makes up for it: the next turn is due as if on time

	minTurn, maxTurn = 1460, 32 << 10 // bytes of a turn: a TCP segment, and what Toxiproxy reads at once
	maxLongTurn      = 2 * maxTurn    // bytes, where the round has room for it
)

// bucket is the capacity of a line in one direction. Bytes follow each other on it. A connection with data takes the next free
// place and waits until that place has passed. A connection has one place at a time, so waiting connections send one after the
// other.
type bucket struct {
	mu      sync.Mutex
	rate    int64     // bit/s; 0: without limit
	base    time.Time // the ticks count from here
	free    time.Time // when the last place that is taken has passed
	waiting int       // connections that have a place and wait for it
}

// set changes the rate and takes every place back. The waiting connections wake and ask again.
func (b *bucket) set(rate int64, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rate, b.base, b.free = rate, now, now
}

// quantum gives the number of bytes that a connection may send in one turn. A connection that continues to send has an equal
// part of the round: more if the time since its last turn is longer than the round, less if it is shorter. The correction is
// damped, so that rounds keep their length.
func (b *bucket) quantum(continues bool, since time.Duration) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rate == 0 {
		return maxLongTurn
	}
	bytes := func(d time.Duration) float64 { return float64(b.rate) / 8 * d.Seconds() }
	q := min(max(bytes(turn), minTurn), maxTurn)
	if continues {
		all := float64(1 + b.waiting)
		q = max(q, min(bytes(min(longTurn, round/time.Duration(all))), maxLongTurn))
		if b.waiting > 0 {
			q *= 0.25 + 0.75*min(bytes(since)/(q*all), 2)
		}
	}
	return int(q)
}

// take gives a place to n bytes that were ready at an instant. It returns how long to wait until the place has passed, and when
// that is. A caller that waits calls leave afterwards. An idle line saves up no capacity. The line makes up for the time that a
// sender lost by waking late, up to credit.
func (b *bucket) take(n int, continues bool, ready, now time.Time) (wait time.Duration, passed time.Time) {
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
	grain := grainOf(b.free.Sub(now), continues && b.waiting > 1)
	ticks := (b.free.Sub(b.base) + grain - 1) / grain
	return b.base.Add(ticks * grain).Sub(now), b.free
}

// leave ends a wait, whether it was over or interrupted.
func (b *bucket) leave() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting--
}

// grainOf is the distance between the instants at which a wait may end. Long waits have a coarser grain.
func grainOf(wait time.Duration, continues bool) time.Duration {
	coarsest, parts := maxTick, time.Duration(patience)
	if continues {
		coarsest, parts = bulkTick, bulk
	}
	grain := tick
	for grain < coarsest && wait >= 2*parts*grain {
		grain *= 2
	}
	return grain
}
