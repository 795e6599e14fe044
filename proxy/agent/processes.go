package agent

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// starter starts processes from one operating system thread, which it keeps until stop. The kernel sends a child its parent-death signal
// when the thread that forked it ends (prctl(2), PR_SET_PDEATHSIG), not when the process does. Any other thread may end before the agent,
// with a goroutine that was locked to it, and would kill a service in the middle of a trial.
type starter struct {
	jobs chan func()
	over chan struct{}
	stop func() // closes over and so ends the thread, which kills the processes that it started
}

var errStopped = errors.New("the agent ends: it starts no process")

func newStarter() *starter {
	s := &starter{jobs: make(chan func()), over: make(chan struct{})}
	s.stop = sync.OnceFunc(func() { close(s.over) })
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		for {
			select {
			case job := <-s.jobs:
				job()
			case <-s.over:
				return
			}
		}
	}()
	return s
}

func (s *starter) start(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	select {
	case s.jobs <- func() { done <- cmd.Start() }:
		return <-done
	case <-s.over:
		return errStopped
	}
}

// stat has fields 3, 4 and 9 of a thread's stat file, by the numbers of proc(5).
type stat struct {
	state  byte
	parent int
	flags  uint64
}

// exiting is PF_EXITING of linux/sched.h: the thread has run its last instruction and the kernel removes it.
const exiting = 0x4

// ended reports whether the thread will never run an instruction of its program again.
func (s stat) ended() bool { return s.flags&exiting != 0 || s.state == 'Z' || s.state == 'X' }

// readStat reads a stat file. ok is false if there is none.
func readStat(path string) (s stat, ok bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return stat{}, false
	}
	// pid (comm) state ppid ...: comm may hold anything, so start behind the last parenthesis.
	rest := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(rest) < 7 || len(rest[0]) != 1 {
		return stat{}, false
	}
	parent, err := strconv.Atoi(string(rest[1]))
	flags, errFlags := strconv.ParseUint(string(rest[6]), 10, 64)
	return stat{rest[0][0], parent, flags}, err == nil && errFlags == nil
}

// process gives a process's directory below /proc.
func process(pid int) string { return "/proc/" + strconv.Itoa(pid) }

// descendants lists pid and every process below it.
func descendants(pid int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return []int{pid}
	}
	children := map[int][]int{}
	for _, e := range entries {
		if p, err := strconv.Atoi(e.Name()); err == nil {
			if s, ok := readStat(process(p) + "/stat"); ok {
				children[s.parent] = append(children[s.parent], p)
			}
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// signalAll signals every process, parents first. A process that has ended is no error.
func signalAll(pids []int, sig syscall.Signal) {
	for _, p := range pids {
		_ = syscall.Kill(p, sig)
	}
}

// everyThread reports whether a condition holds for every living thread of the processes.
func everyThread(pids []int, holds func(stat) bool) bool {
	for _, p := range pids {
		threads, err := os.ReadDir(process(p) + "/task")
		if err != nil {
			continue // it is gone
		}
		for _, t := range threads {
			if s, ok := readStat(process(p) + "/task/" + t.Name() + "/stat"); ok && !holds(s) {
				return false
			}
		}
	}
	return true
}

// allStopped reports whether every process of the list is frozen, or has ended.
func allStopped(pids []int) bool {
	return everyThread(pids, func(s stat) bool { return s.state == 'T' || s.ended() })
}

// noneStopped reports whether no process of the list is frozen.
func noneStopped(pids []int) bool {
	return everyThread(pids, func(s stat) bool { return s.state != 'T' })
}

// allEnded reports whether no process of the list will ever run an instruction of its program again.
func allEnded(pids []int) bool { return everyThread(pids, stat.ended) }

// awaitDead waits until no process of the list is left: its memory is freed and its sockets are closed.
func awaitDead(ctx context.Context, pids []int) error {
	return poll(ctx, "processes are still alive", func() bool {
		return everyThread(pids, func(s stat) bool { return s.state == 'Z' || s.state == 'X' })
	})
}
