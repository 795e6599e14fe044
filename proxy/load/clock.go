package load

import (
	"time"

	"golang.org/x/sys/unix"
)

// clock reads CLOCK_MONOTONIC, the clock that all containers of one kernel share. Go's monotonic time is that clock plus a
// constant offset, and reading it takes no system call. The offset is measured once.
type clock struct {
	start int64     // CLOCK_MONOTONIC of the load's start, ns
	base  time.Time // an instant that carries Go's monotonic reading
	mono  int64     // CLOCK_MONOTONIC at base, ns
}

// newClock measures the offset 16 times and keeps the sharpest measurement. Its error is well below a microsecond.
func newClock(start int64) clock {
	c := clock{start: start}
	best := time.Duration(1<<63 - 1)
	for range 16 {
		before := time.Now()
		mono := Monotonic()
		if gap := time.Since(before); gap < best {
			best, c.base, c.mono = gap, before.Add(gap/2), mono
		}
	}
	return c
}

// now gives the time since the start of the load. It is negative before the start.
func (c *clock) now() time.Duration {
	return time.Since(c.base) + time.Duration(c.mono-c.start)
}

// at converts an instant of the load to a deadline for a connection.
func (c *clock) at(t time.Duration) time.Time {
	return c.base.Add(t - time.Duration(c.mono-c.start))
}

// Monotonic reads CLOCK_MONOTONIC in ns, for Spec.Start.
func Monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic("load: CLOCK_MONOTONIC: " + err.Error()) // every Linux has it
	}
	return ts.Nano()
}
