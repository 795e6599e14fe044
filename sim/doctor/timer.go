package doctor

import (
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Timer is the precision of sleeps on this machine. It limits how exactly requests leave on schedule.
type Timer struct {
	Resolution   time.Duration `json:"resolution_ns"`    // of CLOCK_MONOTONIC, as the kernel states it
	OvershootP50 time.Duration `json:"overshoot_p50_ns"` // of an absolute sleep at normal priority
	OvershootP99 time.Duration `json:"overshoot_p99_ns"`
}

const (
	sleeps    = 400
	sleepTime = 100 * time.Microsecond
)

func measureTimer() Timer {
	var t Timer
	var ts unix.Timespec
	if unix.ClockGetres(unix.CLOCK_MONOTONIC, &ts) == nil {
		t.Resolution = time.Duration(ts.Nano())
	}
	over := make(chan []time.Duration)
	go func() { over <- overshoots() }()
	sorted := <-over
	t.OvershootP50, t.OvershootP99 = sorted[sleeps/2], sorted[sleeps*99/100]
	return t
}

// overshoots sleeps as the load's pacer does, but at normal priority. Its thread is locked to the goroutine, and ends with it.
func overshoots() []time.Duration {
	runtime.LockOSThread()
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // ns; the default of 50 us would be measured instead
	over := make([]time.Duration, sleeps)
	for i := range over {
		at := proxy.Monotonic() + int64(sleepTime)
		proxy.WaitMonotonic(at)
		over[i] = time.Duration(proxy.Monotonic() - at)
	}
	slices.Sort(over)
	return over
}
