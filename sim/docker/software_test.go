package docker

import (
	"fmt"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim"
)

// heard records the events of a lab's nodes.
type heard struct {
	mu     sync.Mutex
	states map[string]string // of the VRRP address, by node
	exits  []string
}

func (h *heard) Event(e proxy.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch e.Kind {
	case proxy.EventVRRP:
		h.states[e.Node] = string(e.State)
	case proxy.EventServiceExit:
		h.exits = append(h.exits, e.Node+"/"+e.Service)
	}
}

func (h *heard) Samples(string, []load.Sample) {}

// now gives the states of both nodes, such as MASTER BACKUP.
func (h *heard) now() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.states["a"] + " " + h.states["b"]
}

var _ = Describe("faults of software, on real engines", Label("docker"), func() {
	It("take effect, and are undone without a service that ended by itself", func(ctx SpecContext) {
		r := onEngine(Options{})
		t := pair()
		t.Addresses[0].Preempt = true
		l, err := r.Deploy(ctx, t, say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		h := &heard{states: map[string]string{}}
		_, err = sim.StartServices(ctx, l, t, h, time.Now())
		Expect(err).NotTo(HaveOccurred())
		steady := "MASTER BACKUP"
		Eventually(ctx, h.now).Should(Equal(steady))

		By("a partition: both members hold the address until it heals")
		apart := agent.Fault{ID: "f1", Kind: fault.Partition, FaultParams: proxy.FaultParams{Apart: []string{"a", "b"}}}
		effect, err := l.Node("a").Inject(ctx, apart)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("4 rules drop all frames from and to 1 node(s)"))
		Eventually(ctx, h.now).Should(Equal("MASTER MASTER"))
		_, err = l.Node("a").Recover(ctx, apart)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, h.now).Should(Equal(steady))

		By("an interface that goes down: its node sees it at once, and the other takes over")
		unplugged := agent.Fault{ID: "f5", Kind: fault.LinkDown, FaultParams: proxy.FaultParams{Interface: "eth0"}}
		effect, err = l.Node("a").Inject(ctx, unplugged)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("eth0 down"))
		Eventually(ctx, h.now).Should(Equal("FAULT MASTER"))
		_, err = l.Node("a").Recover(ctx, unplugged)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, h.now).Should(Equal(steady))

		By("packets that are lost: the kernel counts them")
		lossy := agent.Fault{ID: "f6", Kind: fault.PacketLoss, FaultParams: proxy.FaultParams{Loss: 1, Direction: agent.Outbound}}
		_, err = l.Node("a").Inject(ctx, lossy)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, h.now).Should(Equal("MASTER MASTER"), "b hears no advertisement")
		effect, err = l.Node("a").Recover(ctx, lossy)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(MatchRegexp(`^([1-9]\d*) of [1-9]\d* packets were lost; the packet filter is removed$`))
		Eventually(ctx, h.now).Should(Equal(steady))

		By("keepalived alone, killed or frozen: its node keeps the address, and the other takes it too")
		for i, kind := range []proxy.FaultKind{fault.Crash, fault.Hang} {
			muted := agent.Fault{ID: fmt.Sprint("k", i), Kind: kind, Service: proxy.ServiceKeepalived}
			_, err = l.Node("a").Inject(ctx, muted)
			Expect(err).NotTo(HaveOccurred())
			Eventually(ctx, h.now).Should(Equal("MASTER MASTER"))
			for _, node := range []string{"a", "b"} {
				Expect(on(ctx, r, l, node, "hostname -I")).To(ContainSubstring(l.Site().VIP[t.Addresses[0].Name].String()), node)
			}
			_, err = l.Node("a").Recover(ctx, muted)
			Expect(err).NotTo(HaveOccurred())
			Eventually(ctx, h.now).Should(Equal(steady))
		}

		By("a broken configuration: Squid reports it and ends")
		broken := agent.Fault{ID: "f2", Kind: fault.ConfigBreak, Service: "squid"}
		effect, err = l.Node("b").Inject(ctx, broken)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(MatchRegexp(`^it said ".*FATAL: .*", and its processes ended$`))
		effect, err = l.Node("b").Recover(ctx, broken)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("service squid listening"))

		By("a graceful restart")
		restart := agent.Fault{ID: "f3", Kind: fault.RollingRestart, Service: "squid"}
		effect, err = l.Node("b").Inject(ctx, restart)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(MatchRegexp(`^1 process\(es\) ended in order; listening again `))
		_, err = l.Node("b").Recover(ctx, restart)
		Expect(err).NotTo(HaveOccurred())

		By("an exit that the origin blocks")
		refused := agent.Fault{ID: "f4", Kind: fault.ExitBlock, Service: "isp", FaultParams: proxy.FaultParams{Status: 403}}
		effect, err = l.Node("web").Inject(ctx, refused)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(Equal("the origin answers 403 over isp"))
		_, err = l.Node("web").Recover(ctx, refused)
		Expect(err).NotTo(HaveOccurred())

		Expect(h.exits).To(BeEmpty(), "no service ended by itself")
	}, NodeTimeout(3*time.Minute))
})
