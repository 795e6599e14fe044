package builtin

import (
	"io"
	"net"
	"os"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// chassisOf answers agent-checks with the signal in the pointer.
func chassisOf(signal *atomic.Value) (addr string) {
	GinkgoHelper()
	l := socket()
	DeferCleanup(l.Close)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(c, signal.Load().(proxy.Signal).AgentCheck())
			_ = c.Close()
		}
	}()
	return l.Addr().String()
}

var _ = Describe("a balancer with agent-checks", func() {
	DescribeTable("sends no new connection to a server that drains, and closes those of one that leaves, as configured", func(ends bool) {
		a, b := startBackend("a"), startBackend("b")
		var signal atomic.Value
		signal.Store(proxy.SignalReady)
		front, health := socket(), socket()
		r := start(BalancerMain, proxy.BalancerConfig{
			Node: "lb", Listen: front.Addr().String(), HealthListen: health.Addr().String(), Algorithm: "roundrobin",
			Servers: []proxy.BalancedServer{
				{Name: "a", Addr: a.addr, Probe: a.addr, Agent: chassisOf(&signal)}, {Name: "b", Addr: b.addr, Probe: b.addr},
			},
			Check:          topology.Check{Kind: topology.CheckTCP, Interval: 100 * time.Millisecond, Timeout: 100 * time.Millisecond, Fall: 3, Rise: 2},
			ConnectTimeout: time.Second, ShutdownSessions: ends,
		}, front, health)

		kept, name := dialed(front.Addr().String())
		for name != "a" {
			kept, name = dialed(front.Addr().String())
		}
		signal.Store(proxy.SignalDrain)
		Eventually(r.all).Should(ContainElement(And(HaveField("Kind", proxy.EventServerDown), HaveField("Text", "chassis: drain"))))
		for range 10 {
			_, name := dialed(front.Addr().String())
			Expect(name).To(Equal("b"))
		}
		_ = kept.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		_, err := kept.Read(make([]byte, 1))
		Expect(err).To(MatchError(os.ErrDeadlineExceeded), "a server that drains keeps its connections")

		signal.Store(proxy.SignalLeave)
		Eventually(r.all).Should(ContainElement(HaveField("Text", "chassis: leave")))
		within := 200 * time.Millisecond
		if ends {
			within = patience
		}
		_ = kept.SetReadDeadline(time.Now().Add(within))
		_, err = kept.Read(make([]byte, 1))
		if ends {
			Expect(err).To(MatchError(io.EOF))
		} else {
			Expect(err).To(MatchError(os.ErrDeadlineExceeded))
		}

		signal.Store(proxy.SignalReady)
		Eventually(func() string { _, name := dialed(front.Addr().String()); return name }).Should(Equal("a"))
	},
		Entry("on_marked_down: shutdown-sessions", true),
		Entry("on_marked_down: none", false),
	)
})

// dialed connects and reads the server's name, one letter.
func dialed(addr string) (net.Conn, string) {
	GinkgoHelper()
	c, err := net.Dial("tcp", addr)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(c.Close)
	name := make([]byte, 1)
	_, err = io.ReadFull(c, name)
	Expect(err).NotTo(HaveOccurred())
	return c, string(name)
}
