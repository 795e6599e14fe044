package load

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// raisePriority gives the calling thread the best priority that the kernel grants: SCHED_FIFO, before every normal thread, or
// else nice -20. Both need CAP_SYS_NICE. Without it, sends are late by milliseconds whenever other programs use the processors.
func raisePriority() {
	// The default slack makes a normal thread's timers up to 50 us late. This call needs no privilege, and cannot fail.
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

// Tune sets up the process for Run: one processor for the pacer, which keeps it while it sleeps, and one for everything else. More
// processors would only wake threads that find no work. The setting is the whole process's, so Run leaves it to the caller.
func Tune() {
	runtime.GOMAXPROCS(2)
}
