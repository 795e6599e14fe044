package agent

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// readyWithin bounds the start of a service until it is ready.
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
	expected  bool          // the agent ends it, or expects its end
	listeners []*net.TCPListener
	fill      []net.Conn // they fill the queues of silenced listeners
	tail      lastLines
	ears      []*ear
	aside     map[string]int64 // server -> instant until which it is set aside
	wanLink   *toxi.Control
}

func newService(p proxy.Process, o Options, starts *starter, report func(proxy.Event)) *service {
	s := &service{p: p, o: o, starts: starts, report: report}
	for _, r := range p.Relay {
		s.relays = append(s.relays, newRelay(r))
	}
	return s
}

// start prepares and starts the process, waits until it is ready, and gives the interval in which it became ready.
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

// prepare removes leftovers of an earlier start, writes the files, and opens the event pipe.
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
		if err := writeFile(f); err != nil {
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
	f, err := os.OpenFile(s.p.FIFO, os.O_RDWR, 0) // read and write: open does not block, and reading does not end
	if err != nil {
		return fmt.Errorf("event pipe: %w", err)
	}
	s.fifo = f
	go s.lines(f, true)
	return nil
}

// writeFile writes a file of the node, and the directories on its path.
func writeFile(f proxy.File) error {
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(f.Path, []byte(f.Content), os.FileMode(f.Mode)); err != nil {
		return err
	}
	return os.Chmod(f.Path, os.FileMode(f.Mode)) // a package may have brought the file with another mode
}

// sharedMemory is the directory of shared memory segments. The names of Squid's segments end with .shm.
const sharedMemory = "/dev/shm"

// segments finds the shared memory segments whose names have a prefix; none without a prefix.
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

// check runs the engine's own check of the configuration.
func (s *service) check(ctx context.Context) error {
	if len(s.p.Check) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	out, err := exec.CommandContext(ctx, s.p.Check[0], s.p.Check[1:]...).CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && slices.Contains(s.p.CheckPasses, exit.ExitCode()) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%w: %s: %w\n%s", proxy.ErrRefused, strings.Join(s.p.Check, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// before runs the command before the start.
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

// awaitReady waits until a service accepts connections and, if it is a DNS responder, answers queries. A service without an address is
// ready when it runs. from is an instant before the launch.
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
		err = fmt.Errorf("exited during its start%s", s.said())
	}
	return within, err
}

// watch reaps the process and reports an unexpected end.
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

// follow opens or closes the relays of an address when the node gains or loses it. It reports whether the address came to this node.
func (s *service) follow(ctx context.Context, address string, master bool) (taken bool) {
	for _, r := range s.relays {
		if r.spec.Address != address {
			continue
		}
		had := r.holds()
		if err := r.set(ctx, master); err != nil {
			s.report(proxy.Event{At: proxy.Monotonic(), Service: s.p.Service, Kind: proxy.EventServiceExit, Text: err.Error()})
		}
		taken = taken || !had && r.holds()
	}
	return taken
}

// control gives the control of this service, a WAN link.
func (s *service) control() *toxi.Control {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wanLink == nil {
		s.wanLink = toxi.NewControl(s.p.Control)
	}
	return s.wanLink
}

// pid gives the id of the started process; 0: it does not run.
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

// pids gives the processes of the service: the started one and all its descendants.
func (s *service) pids() []int {
	pid := s.pid()
	if pid == 0 {
		return nil
	}
	return descendants(pid)
}

// running gives the processes of the service. Without processes it fails: the proof of a fault would be empty.
func (s *service) running() ([]int, error) {
	pids := s.pids()
	if len(pids) == 0 {
		return nil, fmt.Errorf("service %s is not running", s.p.Service)
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

// dropAddresses releases every address that is relayed to the service.
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
		return fmt.Errorf("service %s has not ended after its kill: %w", s.p.Service, context.Cause(ctx))
	}
}

// accepts reports whether an address accepts a connection.
func accepts(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// expectEnd marks an end of the service as expected. The channel is closed when the process has been reaped.
func (s *service) expectEnd() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = true
	return s.gone
}

// unexpect undoes expectEnd: a later end is unexpected.
func (s *service) unexpect() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected = false
}

// signal signals the service's first process.
func (s *service) signal(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.cmd.Process == nil {
		return fmt.Errorf("service %s is not running", s.p.Service)
	}
	return s.cmd.Process.Signal(sig)
}
