package builtin

import (
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// backend writes its name to every connection and keeps it open until the client closes it. It can go down and come up at the same
// address.
type backend struct {
	name, addr string
	accepted   atomic.Int32 // connections, those of checks too
	mu         sync.Mutex
	l          net.Listener
}

func startBackend(name string) *backend {
	GinkgoHelper()
	b := &backend{name: name, l: socket()}
	b.addr = b.l.Addr().String()
	go b.serve(b.l)
	DeferCleanup(b.down)
	return b
}

func (b *backend) serve(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		b.accepted.Add(1)
		go func() {
			defer c.Close()
			_, _ = io.WriteString(c, b.name)
			_, _ = io.Copy(io.Discard, c)
		}()
	}
}

func (b *backend) down() {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.l.Close()
}

func (b *backend) up() {
	GinkgoHelper()
	b.mu.Lock()
	defer b.mu.Unlock()
	l, err := net.Listen("tcp", b.addr)
	Expect(err).NotTo(HaveOccurred())
	b.l = l
	go b.serve(l)
}

// balancing is a configuration with frequent checks. The servers' names are single letters.
func balancing(servers ...*backend) proxy.BalancerConfig {
	cfg := proxy.BalancerConfig{
		Node: "lb-a", Algorithm: "roundrobin", ConnectTimeout: 200 * time.Millisecond, Retries: 2, Redispatch: true,
		Check: topology.Check{Kind: topology.CheckTCP, Interval: 20 * time.Millisecond, Timeout: 200 * time.Millisecond, Fall: 2, Rise: 2},
	}
	for _, s := range servers {
		cfg.Servers = append(cfg.Servers, proxy.BalancedServer{Name: s.name, Addr: s.addr, Probe: s.addr})
	}
	return cfg
}

// unchecked makes checks so rare that only the first server is checked, once.
func unchecked(cfg proxy.BalancerConfig) proxy.BalancerConfig {
	cfg.Check.Interval, cfg.Check.Fall, cfg.ConnectTimeout = time.Hour, 3, 200*time.Millisecond
	return cfg
}

func startBalancer(cfg proxy.BalancerConfig) (addr, health string, r *running) {
	GinkgoHelper()
	service, monitor := socket(), socket()
	r = start(BalancerMain, cfg, service, monitor)
	return service.Addr().String(), monitor.Addr().String(), r
}

// served gives the name of the server of a new connection; empty: the balancer closed the connection.
func served(addr string) string {
	GinkgoHelper()
	c := connectTo(addr)
	name, err := c.in.ReadByte()
	_ = c.Close()
	if err != nil {
		return ""
	}
	return string(name)
}

var _ = Describe("a balancer", func() {
	It("distributes connections by roundrobin", func() {
		addr, _, _ := startBalancer(unchecked(balancing(startBackend("a"), startBackend("b"), startBackend("c"))))
		got := ""
		for range 6 {
			got += served(addr)
		}
		Expect(got).To(Equal("abcabc"))
	})

	It("gives a client always the same server by source", func() {
		cfg := unchecked(balancing(startBackend("a"), startBackend("b")))
		cfg.Algorithm = "source"
		addr, _, _ := startBalancer(cfg)
		first := served(addr)
		for range 5 {
			Expect(served(addr)).To(Equal(first))
		}
	})

	It("gives the server with the fewest connections by leastconn", func() {
		cfg := unchecked(balancing(startBackend("a"), startBackend("b")))
		cfg.Algorithm = "leastconn"
		addr, _, _ := startBalancer(cfg)
		held := connectTo(addr)
		name, err := held.in.ReadByte()
		Expect(err).NotTo(HaveOccurred())
		other := map[byte]string{'a': "b", 'b': "a"}[name]
		Expect(served(addr)).To(Equal(other))
		Expect(held.Close()).To(Succeed())
		Eventually(func() string { return served(addr) }).Should(Equal(string(name)))
	})

	It("counts a connection for its server until it ends", func(ctx context.Context) {
		a, dead := startBackend("a"), startBackend("b")
		dead.down()
		b, err := newBalancer(balancing(dead, a), io.Discard)
		Expect(err).NotTo(HaveOccurred())
		counts := func() []int {
			b.mu.Lock()
			defer b.mu.Unlock()
			return []int{b.pool.Conns(0), b.pool.Conns(1)}
		}
		l := listen(socket(), 1)
		defer l.Close()
		user := connectTo(l.Addr().String())
		accepted, err := l.Accept()
		Expect(err).NotTo(HaveOccurred())
		handled := make(chan struct{})
		go func() {
			defer close(handled)
			target{ctx, b}.HandleConn(accepted)
		}()
		Expect(user.in.ReadByte()).To(Equal(byte('a')))
		Expect(counts()).To(Equal([]int{0, 1}))
		Expect(user.Close()).To(Succeed())
		Eventually(handled).Should(BeClosed())
		Expect(counts()).To(Equal([]int{0, 0}))
	}, SpecTimeout(2*patience))

	It("takes a dead server out of service and back, with events", func() {
		a, b := startBackend("a"), startBackend("b")
		addr, _, r := startBalancer(balancing(a, b))
		kept := connectTo(addr)
		Expect(kept.in.ReadByte()).To(Equal(byte('a')))
		Eventually(a.accepted.Load).Should(BeNumerically(">=", 2), "the first check alone decides; a later one must fail twice")
		start := proxy.Monotonic()
		a.down()
		Eventually(r.states).Should(Equal([]string{"a server-down"}))
		Expect(served(addr) + served(addr)).To(Equal("bb"))
		a.up()
		Eventually(r.states).Should(Equal([]string{"a server-down", "a server-up"}))
		e := r.all()[0]
		Expect(e.Node).To(Equal("lb-a"))
		Expect(e.At).To(And(BeNumerically(">", start), BeNumerically("<", proxy.Monotonic())))
		Expect(e.Text).To(MatchRegexp("refused|reset"), "reset, if the connection was waiting for accept")
		i := slices.IndexFunc(r.everything(), func(e proxy.Event) bool { return e.Kind == proxy.EventCheckFailed && e.Subject == "a" })
		Expect(i).To(BeNumerically(">=", 0), "the first of the two failed checks is reported too")
		Expect(r.everything()[i].At).To(BeNumerically("<", e.At))
		Expect(kept.SetReadDeadline(time.Now().Add(20 * time.Millisecond))).To(Succeed())
		_, err := kept.in.ReadByte()
		Expect(err).To(MatchError(os.ErrDeadlineExceeded), "a connection outlives its server's absence")
	})

	It("moves to the backup and back, and closes connections, as configured", func() {
		a, b := startBackend("a"), startBackend("b")
		cfg := balancing(a, b)
		cfg.Servers[1].Backup, cfg.ShutdownSessions, cfg.ShutdownBackups = true, true, true
		addr, _, r := startBalancer(cfg)
		kept := connectTo(addr)
		Expect(kept.in.ReadByte()).To(Equal(byte('a')))
		Expect(served(addr)).To(Equal("a"))
		a.down()
		Eventually(r.states).Should(Equal([]string{"a server-down"}))
		_, err := kept.in.ReadByte()
		Expect(err).To(HaveOccurred(), "connections to a server that is down are closed")
		moved := connectTo(addr)
		Expect(moved.in.ReadByte()).To(Equal(byte('b')))
		a.up()
		Eventually(r.states).Should(Equal([]string{"a server-down", "a server-up"}))
		_, err = moved.in.ReadByte()
		Expect(err).To(HaveOccurred())
		Expect(served(addr)).To(Equal("a"))
	})

	It("redispatches before a check detects the dead server", func() {
		a, b := startBackend("a"), startBackend("b")
		cfg := unchecked(balancing(a, b))
		cfg.ConnectTimeout = 10 * time.Second // a pause would take a second
		addr, _, r := startBalancer(cfg)
		b.down()
		Eventually(func() time.Duration { // repeated: a busy machine may be slow once
			start := time.Now()
			Expect(served(addr) + served(addr)).To(Equal("aa"))
			return time.Since(start)
		}).Should(BeNumerically("<", time.Second))
		Expect(r.all()).To(BeEmpty())
	})

	It("redispatches after the connect timeout of a silent server", func() {
		cfg := unchecked(balancing(startBackend("a"), startBackend("b")))
		cfg.Servers[1].Addr = blackhole()
		addr, _, _ := startBalancer(cfg)
		start := time.Now()
		Expect(served(addr) + served(addr)).To(Equal("aa"))
		Expect(time.Since(start)).To(BeNumerically(">=", cfg.ConnectTimeout))
	})

	It("retries the same server without redispatch, then closes", func() {
		a, b := startBackend("a"), startBackend("b")
		cfg := unchecked(balancing(a, b))
		cfg.Redispatch = false
		addr, _, _ := startBalancer(cfg)
		b.down()
		Expect(served(addr)).To(Equal("a"))
		start := time.Now()
		Expect(served(addr)).To(BeEmpty())
		Expect(time.Since(start)).To(BeNumerically(">=", 2*cfg.ConnectTimeout), "two retries, each after a pause")
	})

	It("keeps connections to a backup by default", func() {
		a, b := startBackend("a"), startBackend("b")
		cfg := balancing(a, b)
		cfg.Servers[1].Backup = true
		addr, _, r := startBalancer(cfg)
		a.down()
		Eventually(r.states).Should(Equal([]string{"a server-down"}))
		moved := connectTo(addr)
		Expect(moved.in.ReadByte()).To(Equal(byte('b')))
		a.up()
		Eventually(r.states).Should(Equal([]string{"a server-down", "a server-up"}))
		Expect(served(addr)).To(Equal("a"))
		Expect(moved.SetReadDeadline(time.Now().Add(20 * time.Millisecond))).To(Succeed())
		_, err := moved.in.ReadByte()
		Expect(err).To(MatchError(os.ErrDeadlineExceeded))
	})

	It("closes an idle connection, and no other", func() {
		a := startBackend("a")
		cfg := unchecked(balancing(a))
		cfg.IdleTimeout = 600 * time.Millisecond
		addr, _, _ := startBalancer(cfg)
		busy, idle := connectTo(addr), connectTo(addr)
		for _, c := range []net.Conn{busy, idle} {
			Expect(c.SetReadDeadline(time.Now().Add(patience))).To(Succeed())
		}
		Expect(busy.in.ReadByte()).To(Equal(byte('a')))
		Expect(idle.in.ReadByte()).To(Equal(byte('a')))
		last := time.Now()
		for range 8 {
			time.Sleep(cfg.IdleTimeout / 4)
			last = time.Now()
			_, err := busy.Write([]byte("x"))
			Expect(err).NotTo(HaveOccurred(), "twice the time-out, but never idle for so long")
		}
		_, err := idle.in.ReadByte()
		Expect(err).To(MatchError(io.EOF))
		_, err = busy.in.ReadByte()
		Expect(err).To(And(HaveOccurred(), Not(MatchError(os.ErrDeadlineExceeded))))
		Expect(time.Since(last)).To(BeNumerically(">=", cfg.IdleTimeout-5*time.Millisecond))
	})

	It("closes clients at once when no server is up", func() {
		a := startBackend("a")
		addr, _, r := startBalancer(balancing(a))
		a.down()
		Eventually(r.states).Should(HaveLen(1))
		Expect(served(addr)).To(BeEmpty())
	})

	It("detects a frozen service by an http check, but not by a tcp check", func() {
		hung := socket() // the kernel accepts, no program answers
		DeferCleanup(hung.Close)
		cfg := balancing()
		cfg.Check.Timeout = 50 * time.Millisecond
		cfg.Servers = []proxy.BalancedServer{{Name: "h", Addr: hung.Addr().String(), Probe: "http://" + hung.Addr().String() + "/"}}
		_, _, blind := startBalancer(cfg)
		cfg.Check.Kind = topology.CheckHTTP
		_, _, seeing := startBalancer(cfg)
		Eventually(seeing.states).Should(Equal([]string{"h server-down"}))
		Expect(blind.states()).To(BeEmpty())
	})

	It("answers its health page at its own port", func() {
		_, health, _ := startBalancer(unchecked(balancing(startBackend("a"))))
		response, _ := get(http.MethodGet, "http://"+health+proxy.HealthPath, nil)
		Expect(response.StatusCode).To(Equal(http.StatusOK))
		response, _ = get(http.MethodGet, "http://"+health+"/", nil)
		Expect(response.StatusCode).To(Equal(http.StatusNotFound))
	})

	It("relays a half-close", func() {
		l := socket()
		DeferCleanup(l.Close)
		go func() {
			for { // one connection is a check
				c, err := l.Accept()
				if err != nil {
					return
				}
				all, _ := io.ReadAll(c) // until the client's half is closed
				_, _ = c.Write(all)
				_ = c.Close()
			}
		}()
		cfg := unchecked(balancing())
		cfg.Servers = []proxy.BalancedServer{{Name: "e", Addr: l.Addr().String()}}
		addr, _, _ := startBalancer(cfg)
		c := connectTo(addr)
		_, err := io.WriteString(c, "echo")
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Conn.(*net.TCPConn).CloseWrite()).To(Succeed())
		Expect(io.ReadAll(c.in)).To(Equal([]byte("echo")))
	})
})
