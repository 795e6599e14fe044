package proxy

import "golang.org/x/sys/unix"

// Monotonic is the present instant of CLOCK_MONOTONIC, in ns. All processes and containers on one kernel share this clock, so their
// instants can be compared.
func Monotonic() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic("CLOCK_MONOTONIC: " + err.Error()) // every Linux has it
	}
	return ts.Nano()
}

// WaitMonotonic blocks the calling thread until the clock reaches at.
func WaitMonotonic(at int64) {
	ts := unix.NsecToTimespec(at)
	for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &ts, nil) == unix.EINTR {
	}
}
