package load

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// raisePriority gives the calling thread the highest priority that the kernel grants: SCHED_FIFO, which runs before every
// normal thread, else nice -20. Both need CAP_SYS_NICE. Without it, sends are late by milliseconds while other programs use the
// processors.
func raisePriority() {
	// With the default slack, the timers of a normal thread are up to 50 us late. This call needs no privilege and cannot fail.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	fifo := unix.SchedAttr{
		Size:     unix.SizeofSchedAttr,
		Policy:   unix.SCHED_FIFO,
		Priority: 1,
		Flags:    unix.SCHED_FLAG_RESET_ON_FORK,
	}
	if unix.SchedSetAttr(0, &fifo, 0) != nil {
		_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), -20) // fails without CAP_SYS_NICE
	}
}

// Tune prepares the process for Run: one processor for the pacer, which keeps it while it sleeps, and one for everything else.
// More processors would only wake up threads that have nothing to do. The setting affects the whole process, so the caller of
// Run decides.
func Tune() {
	runtime.GOMAXPROCS(2)
}
