package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// readyWithin bounds how long a service may take until it accepts.
const readyWithin = 20 * time.Second

// service is one process of the node, started and watched.
type service struct {
	p      proxy.Process
	o      Options
	starts *starter
	report func(proxy.Event)
	relays []*relay

	fifo *os.File // only start uses it, in the host's turn

	// mu guards the fields below. It is held for a few instructions: never while a command runs, a socket is dialled or an event is
	// reported.
	mu        sync.Mutex
	cmd       *exec.Cmd
	gone      chan struct{} // closed when cmd has been reaped
	expected  bool          // its end is our doing
	listeners []*net.TCPListener
	fill      []net.Conn // what keeps silenced listeners from answering
	tail      lastLines
	ears      []*ear           // who waits for a line
	aside     map[string]int64 // until when a server is known to be out of service
	wanLink   *toxi.Control
}

func newService(p proxy.Process, o Options, starts *starter, report func(proxy.Event)) *service {
	s := &service{p: p, o: o, starts: starts, report: report}
	for _, r := range p.Relay {
		s.relays = append(s.relays, newRelay(r))
	}
	return s
}

// start prepares what the process needs, starts it and waits until it is ready, and gives the interval in which it became so.
func (s *service) start(ctx context.Context) (ready proxy.Interval, err error) {
	from := proxy.Monotonic()
	if err = s.launch(ctx); err == nil {
		ready, err = s.awaitReady(ctx, from)
	}
	if err != nil {
		return proxy.Interval{}, fmt.Errorf("service %s: %w", s.p.Service, err)
	}
	s.report(proxy.Event{At: ready.After, Service: s.p.Service, Kind: proxy.EventServiceReady, Text: s.p.Engine})
	return ready, nil
}

func (s *service) launch(ctx context.Context) error {
	if err := s.prepare(); err != nil {
		return err
	}
	if err := s.before(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	argv := append([]string(nil), s.p.Command...)
	if argv[0] == "spof" {
		argv[0] = s.o.Self
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), s.p.Env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := s.openListeners(cmd); err != nil {
		return err
	}
	defer closeAll(cmd.ExtraFiles) // the child has its own by then
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	if err := s.starts.start(cmd); err != nil {
		return err
	}
	s.cmd, s.gone, s.expected = cmd, make(chan struct{}), false
	var readers sync.WaitGroup
	readers.Go(func() { s.lines(stdout, s.p.FIFO == "") })
	readers.Go(func() { s.lines(stderr, s.p.FIFO == "") })
	go s.watch(cmd, s.gone, &readers)
	return nil
}

// prepare writes the files, removes what an earlier life left, and opens the event pipe.
func (s *service) prepare() error {
	stale, err := segments(s.p.Segments)
	if err != nil {
		return err
	}
	for _, path := range append(stale, s.p.Stale...) {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	for _, f := range s.p.Files {
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(f.Path, []byte(f.Content), os.FileMode(f.Mode)); err != nil {
			return err
		}
	}
	if s.p.FIFO == "" || s.fifo != nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(s.p.FIFO), 0o755); err != nil {
		return err
	}
	if err := unix.Mkfifo(s.p.FIFO, 0o600); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("event pipe %s: %w", s.p.FIFO, err)
	}
	f, err := os.OpenFile(s.p.FIFO, os.O_RDWR, 0) // read and write: opening never blocks, reading never ends
	if err != nil {
		return fmt.Errorf("event pipe: %w", err)
	}
	s.fifo = f
	go s.lines(f, true)
	return nil
}

// sharedMemory is where the C library keeps shared memory segments; the names of Squid's end with .shm.
const sharedMemory = "/dev/shm"

// segments finds the shared memory segments whose names begin so; none where there is no beginning.
func segments(beginning string) (paths []string, err error) {
	if beginning == "" {
		return nil, nil
	}
	entries, err := os.ReadDir(sharedMemory)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("shared memory: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), beginning) && strings.HasSuffix(e.Name(), ".shm") {
			paths = append(paths, filepath.Join(sharedMemory, e.Name()))
		}
	}
	return paths, nil
}

// before runs what comes before the start to its end.
func (s *service) before(ctx context.Context) error {
	if len(s.p.Before) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	out, err := exec.CommandContext(ctx, s.p.Before[0], s.p.Before[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", s.p.Before[0], err, out)
	}
	return nil
}

// openListeners opens the sockets that the process inherits as descriptors 3, 4, ...
func (s *service) openListeners(cmd *exec.Cmd) error {
	for _, addr := range s.p.Listen {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			s.closeListeners()
			closeAll(cmd.ExtraFiles)
			return err
		}
		s.listeners = append(s.listeners, l.(*net.TCPListener))
		f, err := l.(*net.TCPListener).File()
		if err != nil {
			s.closeListeners()
			closeAll(cmd.ExtraFiles)
			return err
		}
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	return nil
}

func closeAll(files []*os.File) {
	for _, f := range files {
		_ = f.Close()
	}
}

func (s *service) closeListeners() {
	for _, l := range s.listeners {
		_ = l.Close()
	}
	for _, c := range s.fill {
		_ = c.Close()
	}
	s.listeners, s.fill = nil, nil
}

// awaitReady waits until a service that was launched after the instant from accepts connections, or answers questions. One
// without an address is ready when it runs.
func (s *service) awaitReady(ctx context.Context, from int64) (proxy.Interval, error) {
	if s.p.Ready == "" {
		return proxy.Since(from), nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, readyWithin, fmt.Errorf("not ready at %s within %s%s", s.p.Ready, readyWithin, s.said()))
	defer cancel()
	s.mu.Lock()
	gone := s.gone
	s.mu.Unlock()
	var ended bool
	within, err := pollBetween(ctx, "start", from, func() bool {
		select {
		case <-gone:
			ended = true
			return true
		default:
			return accepts(s.p.Ready) && s.resolves(ctx)
		}
	})
	if err == nil && ended {
		err = fmt.Errorf("ended at its start%s", s.said())
	}
	return within, err
}

// watch reaps the process and reports an end that is not our doing.
func (s *service) watch(cmd *exec.Cmd, gone chan struct{}, readers *sync.WaitGroup) {
	readers.Wait()
	err := cmd.Wait()
	s.mu.Lock()
	expected := s.expected
	s.mu.Unlock()
	close(gone)
	if !expected {
		s.report(proxy.Event{At: proxy.Monotonic(), Service: s.p.Service, Kind: proxy.EventServiceExit, Text: fmt.Sprintf("%v", err)})
	}
}

// follow opens or closes the relays of an address as the node gains or loses it.
func (s *service) follow(ctx context.Context, address string, master bool) {
	for _, r := range s.relays {
		if r.spec.Address == address {
			if err := r.set(ctx, master); err != nil {
				s.report(proxy.Event{At: proxy.Monotonic(), Service: s.p.Service, Kind: proxy.EventServiceExit, Text: err.Error()})
			}
		}
	}
}

// control is the control of the WAN link that this service is.
func (s *service) control() *toxi.Control {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanLink == nil {
		s.wanLink = toxi.NewControl(s.p.Control)
	}
	return s.wanLink
}

// pid gives the process that was started; 0: it does not run.
func (s *service) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil {
		return 0
	}
	select {
	case <-s.gone:
		return 0
	default:
		return s.cmd.Process.Pid
	}
}

// pids gives the processes of the service: the one started and all its descendants.
func (s *service) pids() []int {
	pid := s.pid()
	if pid == 0 {
		return nil
	}
	return descendants(pid)
}

// running gives the processes of a service that must have some: without them a fault would prove itself by nothing.
func (s *service) running() ([]int, error) {
	pids := s.pids()
	if len(pids) == 0 {
		return nil, fmt.Errorf("service %s does not run", s.p.Service)
	}
	return pids, nil
}

// kill ends the service's processes at once and frees its sockets. The processes are frozen first, so that none can
// act on the death of another (keepalived's child would leave the election cleanly).
func (s *service) kill() {
	s.mu.Lock()
	s.expected = true
	s.mu.Unlock()
	pids := s.pids()
	signalAll(pids, syscall.SIGSTOP)
	signalAll(pids, syscall.SIGKILL)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeListeners()
}

// dropAddresses lets go of every address that is relayed to the service.
func (s *service) dropAddresses() {
	for _, r := range s.relays {
		r.close()
	}
}

// awaitGone waits until the process has been reaped.
func (s *service) awaitGone(ctx context.Context) error {
	s.mu.Lock()
	gone := s.gone
	s.mu.Unlock()
	if gone == nil {
		return nil
	}
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("service %s: killed but not gone: %w", s.p.Service, context.Cause(ctx))
	}
}

// accepts tries one connection.
func accepts(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// ours says that the service's end, should it come, is our doing, and gives what is closed then.
func (s *service) ours() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = true
	return s.gone
}

// goesOn says that its end did not come: one that comes later is not our doing.
func (s *service) goesOn() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = false
}

// signal signals the service's first process.
func (s *service) signal(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.cmd.Process == nil {
		return errors.New("it does not run")
	}
	return s.cmd.Process.Signal(sig)
}
