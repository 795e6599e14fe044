package load

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// Priority is what the pacer's thread got from the kernel.
type Priority string

// The priorities, best first. The first two need CAP_SYS_NICE; without it, sends are late by milliseconds whenever
// somebody else wants the processors.
const (
	RealTime Priority = "fifo"   // SCHED_FIFO: before every normal thread
	Nice     Priority = "nice"   // nice -20
	Normal   Priority = "normal" //
)

// raisePriority makes the calling thread wake as promptly as the kernel permits.
func raisePriority() Priority {
	// Without this a normal thread's timers are up to 50 us late. It needs no right, and cannot fail.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	fifo := unix.SchedAttr{
		Size:     unix.SizeofSchedAttr,
		Policy:   unix.SCHED_FIFO,
		Priority: 1,
		Flags:    unix.SCHED_FLAG_RESET_ON_FORK,
	}
	if unix.SchedSetAttr(0, &fifo, 0) == nil {
		return RealTime
	}
	if unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), -20) == nil {
		return Nice
	}
	return Normal
}

// Tune sets up the process for Run. Its settings are the whole process's, which is why Run leaves them to the caller: a
// processor for the pacer, which keeps its own while it sleeps, and one for all else, since each one more is a thread to be woken
// in vain.
func Tune() {
	runtime.GOMAXPROCS(2)
}
