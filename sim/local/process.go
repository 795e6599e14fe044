package local

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
)

// process is an agent as a child process. It is also the agent's control channel (io.ReadWriteCloser).
type process struct {
	io.Writer
	io.Reader
	stdin io.Closer
	cmd   *exec.Cmd
	gone  chan struct{}
	err   error
}

// environment of the agents and of their child processes. Some 20 programs of a lab share the processors. One thread of Go code each
// is enough at the rates of a lab, and idle threads do not search for work. The load generator sets its own value.
var environment = []string{"GOMAXPROCS=1"}

// startAgent starts the agent of a node. The agent has its own process group: Ctrl-C reaches only the controller, which ends the agents
// in order. If the controller dies, the control channel closes and the agent ends.
func startAgent(node string, o Options) (*process, error) {
	cmd := exec.Command(o.Binary, "node", "agent", "--name", node)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Env = append(os.Environ(), environment...)
	cmd.Stderr = o.Log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", node, err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", node, err)
	}
	if err := startFirst(cmd); err != nil {
		return nil, reason.Errorf("node-not-started", "node %s: start its agent: %w", node, err)
	}
	return &process{Writer: stdin, Reader: stdout, stdin: stdin, cmd: cmd, gone: make(chan struct{})}, nil
}

// niceness of a lab's processes, if this user may lower it. A thread of the lab then gets about nine times the CPU time of a thread of
// another program that uses all processors.
const niceness = -10

// startFirst starts a program with niceness, if the kernel permits it. A child inherits the niceness of the thread that starts it.
func startFirst(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := unix.Getpriority(unix.PRIO_PROCESS, 0)
	if err == nil && unix.Setpriority(unix.PRIO_PROCESS, 0, niceness) == nil {
		own = 20 - own // the system call gives 20 - niceness
		defer func() { _ = unix.Setpriority(unix.PRIO_PROCESS, 0, own) }()
	}
	return cmd.Start()
}

// Close ends the agent by closing its control channel.
func (p *process) Close() error { return p.stdin.Close() }

// end closes the control channel and waits for the agent; when ctx ends first, it is killed.
func (p *process) end(ctx context.Context) error {
	_ = p.Close()
	go func() {
		_, _ = io.Copy(io.Discard, p.Reader) // to the end, so that a full pipe does not block the agent
		p.err = p.cmd.Wait()
		close(p.gone)
	}()
	select {
	case <-p.gone:
		return p.err
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
		<-p.gone
		return reason.Errorf("agent-killed", "agent %s did not end and was killed: %w", p.cmd.Args[len(p.cmd.Args)-1], context.Cause(ctx))
	}
}
