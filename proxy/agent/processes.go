package agent

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"syscall"
)

// starter starts processes from one operating system thread that lives as long as the agent: the kernel ties the
// children's parent-death signal to the thread that forked them.
type starter struct{ jobs chan func() }

func newStarter() *starter {
	s := &starter{jobs: make(chan func())}
	go func() {
		runtime.LockOSThread()
		for job := range s.jobs {
			job()
		}
	}()
	return s
}

func (s *starter) start(cmd *exec.Cmd) error {
	done := make(chan error, 1)
	s.jobs <- func() { done <- cmd.Start() }
	return <-done
}

// procStat reads the state letter and the parent of a process; ok is false when there is none.
func procStat(pid int) (state byte, parent int, ok bool) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0, false
	}
	// pid (comm) state ppid ...: comm may hold anything, so start behind the last parenthesis.
	rest := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(rest) < 2 || len(rest[0]) != 1 {
		return 0, 0, false
	}
	parent, err = strconv.Atoi(string(rest[1]))
	return rest[0][0], parent, err == nil
}

// descendants lists pid and every process below it.
func descendants(pid int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return []int{pid}
	}
	children := map[int][]int{}
	for _, e := range entries {
		if p, err := strconv.Atoi(e.Name()); err == nil {
			if _, parent, ok := procStat(p); ok {
				children[parent] = append(children[parent], p)
			}
		}
	}
	all := []int{pid}
	for i := 0; i < len(all); i++ {
		all = append(all, children[all[i]]...)
	}
	return all
}

// signalAll signals every process, parents first; one that has ended meanwhile is no error.
func signalAll(pids []int, sig syscall.Signal) {
	for _, p := range pids {
		_ = syscall.Kill(p, sig)
	}
}

// allInState reports whether every process of the list is in one of the states, or (when Z is among them) gone.
func allInState(pids []int, states ...byte) bool {
	for _, p := range pids {
		state, _, ok := procStat(p)
		if !ok {
			state = 'Z'
		}
		if !slices.Contains(states, state) {
			return false
		}
	}
	return true
}

// awaitDead waits until no process of the list runs any more.
func awaitDead(ctx context.Context, pids []int) error {
	return poll(ctx, "processes are still alive", func() bool { return allInState(pids, 'Z', 'X') })
}
