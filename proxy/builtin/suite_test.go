package builtin

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gleak"

	"github.com/seed-ab8b6914/spof/proxy"
)

func TestBuiltin(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	RunSpecs(t, "builtin")
}

// patience is the time after which a spec gives up waiting; it allows for a busy machine.
const patience = 30 * time.Second

// loopback gives the n-th loopback address of this process. Other tests may use up the ports of 127.0.0.1.
func loopback(n int) string {
	pid := os.Getpid()
	return fmt.Sprintf("127.%d.%d.%d", 80+n, pid>>8&0xff, pid&0xff)
}

// socket opens a listening socket.
func socket() net.Listener {
	l, err := net.Listen("tcp", loopback(0)+":0")
	if err != nil {
		panic(err)
	}
	return l
}

// free gives an unused address.
func free() string {
	GinkgoHelper()
	for {
		l := socket()
		addr := l.Addr().String()
		Expect(l.Close()).To(Succeed())
		if _, before := given.LoadOrStore(addr, true); !before {
			return addr
		}
	}
}

// given are the addresses that free has given.
var given sync.Map

// controlName gives a file name for the unix socket of a program's control.
func controlName() string { return filepath.Join(GinkgoT().TempDir(), "control.sock") }

// blackhole gives an address that answers no SYN, because its accept queue is full.
func blackhole() string {
	GinkgoHelper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(syscall.Close, fd)
	Expect(syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte(net.ParseIP(loopback(0)).To4())})).To(Succeed())
	Expect(syscall.Listen(fd, 0)).To(Succeed())
	name, err := syscall.Getsockname(fd)
	Expect(err).NotTo(HaveOccurred())
	addr := net.JoinHostPort(loopback(0), strconv.Itoa(name.(*syscall.SockaddrInet4).Port))
	c, err := net.Dial("tcp", addr) // fills the queue
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(c.Close)
	return addr
}

// printed collects the events that a program prints.
type printed struct {
	mu     sync.Mutex
	events []proxy.Event
}

// Write accepts only whole lines: programs must print them in one write.
func (p *printed) Write(line []byte) (int, error) {
	var e proxy.Event
	if err := json.Unmarshal(line, &e); err != nil {
		return 0, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
	return len(line), nil
}

// all gives the events except failed checks without effect: on a busy machine any check may fail.
func (p *printed) all() []proxy.Event {
	return slices.DeleteFunc(p.everything(), func(e proxy.Event) bool { return e.Kind == proxy.EventCheckFailed })
}

func (p *printed) everything() []proxy.Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]proxy.Event(nil), p.events...)
}

// states gives the events as "subject kind+state", in order.
func (p *printed) states() (list []string) {
	for _, e := range p.all() {
		list = append(list, fmt.Sprint(e.Subject, " ", e.Kind, e.State))
	}
	return list
}

// running is a running program.
type running struct {
	printed
	cancel context.CancelFunc
	gone   chan struct{}
	err    error // valid after gone
}

// launch runs a program. stop ends it.
func launch(program Main, cfg any, listeners ...net.Listener) *running {
	text, err := json.Marshal(cfg)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{cancel: cancel, gone: make(chan struct{})}
	go func() {
		defer close(r.gone)
		r.err = program(ctx, text, listeners, &r.printed)
	}()
	return r
}

// stop ends the program and gives its error. It may be called again.
func (r *running) stop() error {
	r.cancel()
	select {
	case <-r.gone:
		return r.err
	case <-time.After(patience):
		return fmt.Errorf("still running %s after its context ended", patience)
	}
}

// start runs a program until the spec ends, or stop.
func start(program Main, cfg any, listeners ...net.Listener) *running {
	GinkgoHelper()
	r := launch(program, cfg, listeners...)
	DeferCleanup(r.stop)
	return r
}

var _ = BeforeEach(func() {
	before := gleak.Goroutines()
	DeferCleanup(func() { // registered first: runs after every program has ended
		Eventually(gleak.Goroutines).ShouldNot(gleak.HaveLeaked(before,
			gleak.IgnoringInBacktrace("fasthttp.(*workerPool).Start"), // it sleeps 10 s between checks
			gleak.IgnoringInBacktrace("fasthttp.updateServerDate")))   // never ends
	})
})

var _ = DescribeTable("a program refuses an invalid configuration",
	func(program Main, cfg string, sockets int, why string) {
		var listeners []net.Listener
		for range sockets {
			l := socket()
			defer l.Close()
			listeners = append(listeners, l)
		}
		Expect(program(context.Background(), []byte(cfg), listeners, io.Discard)).To(MatchError(ContainSubstring(why)))
	},
	Entry("no JSON", ProxyMain, `x`, 1, "configuration"),
	Entry("an unknown key", ProxyMain, `{"nodes": 1}`, 1, "nodes"),
	Entry("a socket too few", BalancerMain, `{}`, 1, "want 2"),
	Entry("a proxy without a timeout", ProxyMain, `{}`, 1, "dial_timeout_ns"),
	Entry("an unknown algorithm", BalancerMain, `{"algorithm": "x", "servers": [{}]}`, 2, "roundrobin"),
	Entry("no check", BalancerMain, `{"algorithm": "source", "servers": [{}], "connect_timeout_ns": 1, "check": {"timeout_ns": 1}}`, 2, "interval"),
	Entry("an origin without a certificate", OriginMain, `{}`, 2, "certificate"),
	Entry("a DNS responder without a name", DNSMain, `{"records": [{"addr": "10.0.0.1"}], "check": {"timeout_ns": 1}}`, 1, "host name"),
	Entry("a record without an address", DNSMain, `{"host": "a.test", "records": [{"addr": "x"}], "check": {"timeout_ns": 1}}`, 1, `"x": want an IPv4 address`),
	Entry("a VRRP router without an address", VRRPMain, `{"own": "x"}`, 0, "own"),
	Entry("a link with an invalid latency", WANMain, `{"latency_ns": 1}`, 0, "milliseconds"),
)
