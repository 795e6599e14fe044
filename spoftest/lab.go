package spoftest

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/runtimes"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// Bounds of what Start and the end of a lab take. A first start may build the images of the real engines.
const (
	startWithin = 10 * time.Minute
	closeWithin = 30 * time.Second
	reachWithin = 5 * time.Second
)

// Lab is a running design. Its methods may be called from several goroutines; faults and runs wait for each other. A method that fails ends
// the test, so it must be called from the test's own goroutine, as Fatalf asks for.
type Lab struct {
	t T
	*shared
}

// shared is what all views of a lab have in common.
type shared struct {
	design   *topology.Topology
	owner    string // the name of the test that started the lab
	o        options
	session  *sim.Session
	observer *observer
	client   *http.Client
	apart    error // this process does not reach the proxies; nil: it does

	mu     sync.Mutex
	closed string // why; empty: the lab is up
	traces []*trace.Trace
	runs   int
}

// Start brings a design up: a bundled one by its name, or a file by its path. It returns when every mechanism is in its normal state. The lab
// ends with the test.
func Start(t T, design string, opts ...Option) *Lab {
	t.Helper()
	return start(t, func() (*topology.Topology, error) { return topology.Load(design) }, opts)
}

// StartTopology is Start with a design made in Go: a topology.Topology, or one from topology.Load of which the test changes some values.
// topology.Build completes and checks it.
func StartTopology(t T, design *topology.Topology, opts ...Option) *Lab {
	t.Helper()
	return start(t, func() (*topology.Topology, error) {
		if design == nil {
			return nil, reason.Errorf("no-topology", "the design is nil; make one by topology.Load or as a *topology.Topology")
		}
		return topology.Build(*design)
	}, opts)
}

func start(t T, read func() (*topology.Topology, error), opts []Option) *Lab {
	t.Helper()
	s := &shared{o: optionsOf(opts), owner: t.Name()}
	l := &Lab{t, s}
	t.Cleanup(l.end) // before anything can fail
	say := func(line string) {
		t.Helper()
		t.Logf("%s", line)
	}
	err := s.o.wrong
	if err == nil {
		err = sideBySide.take(t.Context(), s, holderOf(t), say)
	}
	if err == nil {
		ctx, cancel := context.WithTimeoutCause(t.Context(), startWithin, fmt.Errorf("the lab did not start within %s", startWithin))
		defer cancel()
		err = s.open(ctx, say, read)
	}
	if err != nil {
		l.refuse(err)
	}
	return l
}

// refuse ends the test because the lab did not start.
func (l *Lab) refuse(err error) {
	l.t.Helper()
	if l.o.withoutBy == skip && errors.Is(err, docker.ErrUnavailable) {
		l.t.Skipf("no lab: %s", oneLine(reason.Text(err)))
	}
	l.t.Fatalf("no lab: %s", reason.Text(err))
}

func oneLine(s string) string { return strings.ReplaceAll(s, "\n", "; ") }

func (s *shared) open(ctx context.Context, say func(string), read func() (*topology.Topology, error)) (err error) {
	began := time.Now()
	binary, err := s.program(ctx, runtime.GOARCH, say)
	if err != nil {
		return err
	}
	say(fmt.Sprintf("program for the nodes: %s, found in %s", binary, time.Since(began).Round(time.Millisecond)))
	pac.Use(binary) // a test binary cannot run PAC files itself
	if s.design, err = read(); err != nil {
		return err
	}
	if len(s.design.Users) == 0 || len(s.design.Origins) == 0 {
		return reason.Errorf("no-users", "design %s has no users or no origin", s.design.Name)
	}
	list, err := s.candidates(ctx, binary, say)
	if err != nil {
		return err
	}
	if err := guard(binary); err != nil {
		return err
	}
	s.observer = &observer{say: say, verbose: s.o.events}
	if err := s.deploy(ctx, list, say); err != nil {
		return err
	}
	s.client = s.newClient()
	s.apart = s.reach(ctx)
	return nil
}

// program gives the program for the nodes of an architecture.
func (s *shared) program(ctx context.Context, arch string, say func(string)) (string, error) {
	if s.o.binary != "" {
		return givenProgram(s.o.binary)
	}
	return nodeProgram(ctx, arch, say)
}

// candidates lists the ways to run the lab, the best one first. An engine of another architecture gets a program of its own.
func (s *shared) candidates(ctx context.Context, binary string, say func(string)) ([]runtimes.Candidate, error) {
	o := docker.Options{Binary: binary, HostOnLAN: true}
	if s.o.runtime != "local" {
		if !s.o.keepReaper {
			if err := docker.Configure(); err != nil {
				return nil, err
			}
		}
		arch, err := docker.Architecture(ctx)
		switch {
		case err != nil && s.o.runtime == "docker":
			return nil, err
		case err != nil:
			t := runtimes.Candidate{What: "containers"}
			say(t.Lacking(err) + "; the lab runs with spof's own engines on loopback")
			return runtimes.List("local", false, o)
		case arch != runtime.GOARCH:
			if o.Binary, err = s.program(ctx, arch, say); err != nil {
				return nil, err
			}
		}
	}
	list, err := runtimes.List(s.o.runtime, s.o.builtin, o)
	if err == nil && s.o.runtime == "auto" && o.Binary != binary { // loopback runs on this host
		loop, err := runtimes.List("local", false, docker.Options{Binary: binary})
		return append(list[:len(list)-1], loop...), err
	}
	return list, err
}

// deploy starts the lab by the first candidate for which this machine has everything.
func (s *shared) deploy(ctx context.Context, list []runtimes.Candidate, say func(string)) error {
	for i, c := range list {
		last := i == len(list)-1
		err := c.Runtime.Prepare(ctx, *s.design, say)
		if err != nil && (last || ctx.Err() != nil || !errors.Is(err, docker.ErrUnavailable)) {
			return err
		}
		if err != nil {
			say(c.Lacking(err))
			continue
		}
		s.session, err = sim.Open(ctx, *s.design, sim.Options{
			Runtime: c.Runtime, Observer: s.observer, Started: time.Now(), Version: "spoftest",
		})
		return err
	}
	return nil
}

// Close ends the lab before its test ends. It may be called again.
func (l *Lab) Close() { l.endBy("Close has ended it") }

// end ends the lab with its test.
func (l *Lab) end() {
	l.endBy(l.owner + ", which started it, has ended; a lab of several tests begins in Main, and each test uses it by With")
}

// endBy ends the lab; why tells later users.
func (l *Lab) endBy(why string) {
	l.mu.Lock()
	closed := l.closed != ""
	if !closed {
		l.closed = why
	}
	l.mu.Unlock()
	if closed {
		return
	}
	defer sideBySide.leave(l.shared)
	if l.session == nil {
		return
	}
	if l.client != nil {
		l.client.CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin) // the context of the test has ended
	defer cancel()
	l.session.Close(ctx)
	l.observer.end()
}

// With is the same lab for another test, which its methods then report to: for a lab that several tests share. The lab ends with the test
// that started it.
func (l *Lab) With(t T) *Lab { return &Lab{t, l.shared} }

// open reports a closed lab.
func (l *Lab) open() {
	l.t.Helper()
	l.mu.Lock()
	closed := l.closed
	l.mu.Unlock()
	if closed != "" {
		text := fmt.Sprintf("the lab of %s is closed: %s [no-lab-up]", l.design.Name, closed)
		defer afterTest(text)
		l.t.Fatalf("%s", text)
	}
}

// afterTest gives a use of a lab after its test has ended its own message: there testing panics with one that names no lab.
func afterTest(text string) {
	switch r := recover(); {
	case r == nil: // Fatalf has ended the goroutine
	case strings.Contains(fmt.Sprint(r), " in goroutine after "):
		panic("spoftest: " + text)
	default: // Ginkgo ends a spec by a panic
		panic(r)
	}
}

// Runtime is docker or local.
func (l *Lab) Runtime() string { return l.session.Runtime() }

// Topology is the design.
func (l *Lab) Topology() *topology.Topology { return l.design }

// ProxyURL is where the first user group enters the proxy service: for programs of this host, and for containers on Network. It is another
// one after a trial of Run that broke off, since that ends the lab's nodes.
func (l *Lab) ProxyURL() *url.URL {
	l.t.Helper()
	l.open()
	if l.apart != nil {
		l.t.Fatalf("%s", reason.Text(l.apart))
	}
	return l.proxyURL()
}

func (s *shared) proxyURL() *url.URL {
	return &url.URL{Scheme: "http", Host: s.session.Proxy(s.design.Users[0])}
}

// What the origin serves.
const maxPage = 64 << 20 // bytes

var pageName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// OriginURL is a page of 1 KiB of the origin, as clients of the proxy name it. Only the proxies resolve its host.
func (l *Lab) OriginURL() string { return l.Page("http", 1<<10, "page") }

// Page is the URL of a page of the origin: scheme http or https, a size in bytes up to 64 MiB, and a name of A-Za-z0-9._-. The content
// depends only on the URL. No cache keeps it. It ends the test if the origin has no such page.
func (l *Lab) Page(scheme string, size int, name string) string {
	l.t.Helper()
	port, ok := map[string]int{"http": topology.OriginHTTP, "https": topology.OriginHTTPS}[scheme]
	if !ok || size < 0 || size > maxPage || !pageName.MatchString(name) {
		l.t.Fatalf("%s", reason.Text(reason.Errorf("no-page", "page %q, %d bytes, %q: want http or https, 0 to %d bytes, and a name of 1 to 128 of A-Za-z0-9._-",
			scheme, size, name, maxPage)))
	}
	return fmt.Sprintf("%s://%s.test:%d/o/%d/%s", scheme, l.design.Origins[0].Name, port, size, name)
}

// CA is the authority of the origin's certificate (PEM).
func (l *Lab) CA() []byte { return bytes.Clone(l.session.CA()) }

// Client is an HTTP client that goes through the proxy and trusts the origin. It has no timeout and retries nothing but what net/http does.
func (l *Lab) Client() *http.Client {
	l.t.Helper()
	l.ProxyURL()
	return l.client
}

func (s *shared) newClient() *http.Client {
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(s.session.CA())
	return &http.Client{Transport: &http.Transport{
		Proxy:           func(*http.Request) (*url.URL, error) { return s.proxyURL(), nil },
		TLSClientConfig: &tls.Config{RootCAs: trusted},
	}}
}

// reach tries the proxy of a healthy lab from this process.
func (s *shared) reach(ctx context.Context) error {
	where := s.proxyURL().Host
	c, err := (&net.Dialer{Timeout: reachWithin}).DialContext(ctx, "tcp", where)
	if err != nil {
		return reason.Errorf("lab-not-reachable", "this process does not reach the lab's network (%w): the container engine runs on another machine, or this "+
			"process in a container; run the client in a container on Lab.Network, or use OnLoopback", err)
	}
	return c.Close()
}

// Network is the name of the lab's network. A container of the test that joins it reaches ProxyURL, and the lab's nodes as its neighbours. A
// lab on loopback has none.
func (l *Lab) Network() string {
	l.t.Helper()
	l.open()
	named, ok := l.session.Lab().(interface{ LAN() string })
	if !ok {
		l.t.Fatalf("%s", reason.Text(reason.Errorf("no-lab-network", "a lab on loopback has no network for containers; start it with OnDocker")))
	}
	return named.LAN()
}

// Event is an event of a fault or of a mechanism.
type Event struct {
	At      time.Time
	Kind    string // such as vrrp, server-down, fault-effect
	Node    string
	Service string
	Subject string // the address of vrrp, the server of server-down
	State   string // the new state
	Text    string
}

// String is one line.
func (e Event) String() string {
	words := []string{e.At.Format("15:04:05.000"), e.Kind, e.Node, e.Service, e.Subject, e.State, e.Text}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "" }), " ")
}

// Events are the events since the lab is up, in the order in which they came. The latest maxEvents are kept.
func (l *Lab) Events() []Event {
	l.observer.mu.Lock()
	defer l.observer.mu.Unlock()
	list := make([]Event, 0, len(l.observer.events))
	for _, e := range l.observer.events {
		list = append(list, Event{At: l.wall(e.At), Kind: string(e.Kind), Node: e.Node, Service: e.Service, Subject: e.Subject, State: string(e.State), Text: e.Text})
	}
	return list
}

// wall is an instant of the lab's clock on the wall clock.
func (s *shared) wall(at int64) time.Time {
	return time.Now().Add(time.Duration(at - s.session.Lab().Now()))
}
