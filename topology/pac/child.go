package pac

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync/atomic"
	"syscall"
	"time"
)

// childName is argument 0 of a script's process.
const childName = "spof-pac"

// patience is the wall-clock time limit of an answer. A script that runs ends earlier, by its limit of processor time. Only a process that
// gets almost no processor time reaches this one.
const patience = time.Minute

// child is the process of a script, as its parent has it.
type child struct {
	cmd    *exec.Cmd
	in     *os.File // requests
	out    *os.File // answers
	lines  *bufio.Reader
	stderr head
	gone   chan struct{} // closed after it is reaped
}

// program is the file of the program that runs scripts; nil: this program.
var program atomic.Pointer[string]

// Use makes another program run the scripts of this process: one whose main calls Child, such as spof. A test binary needs it: its main
// would run the tests again.
func Use(path string) { program.Store(&path) }

// start starts the program again, as the process of a script. It dies with this process.
func start() (*child, error) {
	if os.Args[0] == childName {
		return nil, errors.New("this program cannot run PAC files: main must call pac.Child first")
	}
	stdin, in, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("process for a PAC file: %w", err)
	}
	defer stdin.Close()
	out, stdout, err := os.Pipe()
	if err != nil {
		_ = in.Close()
		return nil, fmt.Errorf("process for a PAC file: %w", err)
	}
	defer stdout.Close()
	c := &child{in: in, out: out, lines: bufio.NewReaderSize(out, maxAnswer), gone: make(chan struct{})}
	path := "/proc/self/exe"
	if other := program.Load(); other != nil {
		path = *other
	}
	c.cmd = &exec.Cmd{
		Path: path, Args: []string{childName}, Env: environment(), Stdin: stdin, Stdout: stdout, Stderr: &c.stderr,
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	}
	started := make(chan error, 1)
	go c.live(started)
	if err := <-started; err != nil {
		_, _ = in.Close(), out.Close()
		return nil, fmt.Errorf("process for a PAC file: %w", err)
	}
	return c, nil
}

// environment keeps secrets from scripts, and variables that change the limits.
func environment() []string {
	if zone, set := os.LookupEnv("TZ"); set {
		return []string{"TZ=" + zone}
	}
	return []string{}
}

// live starts the process and reaps it from one thread: the kernel sends the parent-death signal when the thread that forked ends.
func (c *child) live(started chan<- error) {
	runtime.LockOSThread() // never unlocked: the thread ends with the process
	err := c.cmd.Start()
	started <- err
	if err == nil {
		_ = c.cmd.Wait()
		close(c.gone)
	}
}

// ask sends a request and waits for its answer. An error ends the process and gives the cause.
func (c *child) ask(q request) (a answer, err error) {
	err = c.exchange(q, &a)
	if err == nil {
		return a, nil
	}
	c.end()
	switch why := c.stderr.line(); {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return a, fmt.Errorf("%w: no answer within %s", ErrStarved, patience)
	case why != "":
		return a, fmt.Errorf("%w (limits: %d MB of memory, %s of processor time): %s", ErrDied, memory>>20, processors, why)
	}
	return a, fmt.Errorf("%w (%v): %w", ErrDied, c.cmd.ProcessState, err)
}

func (c *child) exchange(q request, a *answer) error {
	until := time.Now().Add(patience)
	if err := errors.Join(c.in.SetWriteDeadline(until), c.out.SetReadDeadline(until)); err != nil {
		return err
	}
	if err := json.NewEncoder(c.in).Encode(q); err != nil {
		return err
	}
	line, err := c.lines.ReadSlice('\n')
	if err != nil {
		return err
	}
	if err := json.Unmarshal(line, a); err != nil {
		return fmt.Errorf("its process wrote %q instead of an answer (main must call pac.Child first): %w", oneLine(string(line)), err)
	}
	return nil
}

// end kills the process and gives its processor time. It may be called again.
func (c *child) end() time.Duration {
	_ = c.cmd.Process.Kill() // it may have ended
	<-c.gone
	_, _ = c.in.Close(), c.out.Close()
	return c.cmd.ProcessState.UserTime() + c.cmd.ProcessState.SystemTime()
}

// head keeps the beginning of its input.
type head struct{ bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	const most = 4 << 10
	h.Buffer.Write(p[:min(len(p), max(0, most-h.Len()))])
	return len(p), nil
}

// line gives the first line. It is the cause if the Go runtime ended the program.
func (h *head) line() string {
	first, _, _ := bytes.Cut(h.Bytes(), []byte("\n"))
	return oneLine(string(first))
}
