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
)

// process is an agent as a child process; as an io.ReadWriteCloser it is the agent's control channel.
type process struct {
	io.Writer
	io.Reader
	stdin io.Closer
	cmd   *exec.Cmd
	gone  chan struct{}
	err   error
}

// environment of the agents and of all they start. Some twenty programs of ours share the machine's processors: one thread of
// Go code for each is enough at the rates of a lab, and saves what idle ones spend looking for work. The load generator sets its
// own.
var environment = []string{"GOMAXPROCS=1"}

// startAgent starts the agent of a node. Agents are in a process group of their own, so that Ctrl-C reaches only the
// controller, which ends them in order; if it dies their control channel closes and they end by themselves.
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
		return nil, fmt.Errorf("node %s: start its agent: %w", node, err)
	}
	return &process{Writer: stdin, Reader: stdout, stdin: stdin, cmd: cmd, gone: make(chan struct{})}, nil
}

// niceness of a lab's processes where this user may lower it: beside another program that wants all processors, each thread of
// the lab then gets about nine times as much as one of that.
const niceness = -10

// startFirst starts a program before others in the queue for the processors, where the kernel permits it: a child has the niceness
// of the thread that starts it.
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
		_, _ = io.Copy(io.Discard, p.Reader) // to the end, so that nothing it still says can block it
		p.err = p.cmd.Wait()
		close(p.gone)
	}()
	select {
	case <-p.gone:
		return p.err
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
		<-p.gone
		return fmt.Errorf("agent %s did not end and was killed: %w", p.cmd.Args[len(p.cmd.Args)-1], context.Cause(ctx))
	}
}
