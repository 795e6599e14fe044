package agent

import (
	"context"
	"io"
	"path/filepath"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("an outage of a node's feeds", func() {
	const ups = 200 * time.Millisecond // battery time

	// fed is a node with two supplies that needs some of them. power gives the states of its power events.
	fed := func(needed int) (h *host, power func() []proxy.State) {
		GinkgoHelper()
		var mu sync.Mutex
		var states []proxy.State
		h = newHost(context.Background(), Options{Log: io.Discard}, func(e proxy.Event) {
			mu.Lock()
			defer mu.Unlock()
			if e.Kind == proxy.EventPower {
				states = append(states, e.State)
			}
		})
		h.spec = proxy.NodeSpec{Node: "proxy-a", Shared: true}
		dir := GinkgoT().TempDir()
		cfg := proxy.ChassisConfig{
			Chassis: topology.DefaultChassis(), Redfish: "127.0.0.1:0", Signal: "127.0.0.1:0",
			Drain: filepath.Join(dir, "drain"), Leave: filepath.Join(dir, "leave"),
		}
		cfg.PSUs, cfg.Needed = []topology.PSU{{Name: "psu-1", Feed: "feed-a"}, {Name: "psu-2", Feed: "feed-b"}}, needed
		m, err := newMachine(h.life, "proxy-a", cfg, h.report, h.trip)
		Expect(err).NotTo(HaveOccurred())
		h.machine = m
		DeferCleanup(h.end)
		return h, func() []proxy.State {
			mu.Lock()
			defer mu.Unlock()
			return append([]proxy.State(nil), states...)
		}
	}

	change := func(at time.Duration, node string, from policy.Supply, why string) policy.Change {
		return policy.Change{At: at, Node: node, PSU: "psu-1", Feed: "feed-a", Supply: from, Why: why}
	}
	// lost is an outage with a UPS and without a generator. It also strikes another node.
	lost := func() Fault {
		return Fault{ID: "f1", At: proxy.Monotonic(), FaultParams: proxy.FaultParams{Power: []policy.Change{
			change(0, "proxy-a", policy.UPS, "UPS carries"), change(0, "proxy-b", policy.NoSupply, "no UPS"),
			change(ups, "proxy-a", policy.NoSupply, "UPS empty"),
			change(time.Second, "proxy-a", policy.Mains, "mains back"), change(time.Second, "proxy-b", policy.Mains, "mains back"),
		}}}
	}

	It("takes the node's power when its UPS is empty, and returns it with the mains", func(ctx context.Context) {
		h, power := fed(2)
		f := lost()
		effect, err := h.inject(ctx, PowerOutage, f)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(HavePrefix("psu-1: UPS carries; health "))
		Eventually(power).Should(Equal([]proxy.State{proxy.PowerOff}))
		Expect(time.Duration(proxy.Monotonic() - f.At)).To(BeNumerically(">=", ups))
		effect, err = h.recover(ctx, PowerOutage, f)
		Expect(err).NotTo(HaveOccurred())
		Expect(effect.Proof).To(HavePrefix("mains back: "))
		Expect(power()).To(Equal([]proxy.State{proxy.PowerOff, proxy.PowerOn}))
	}, SpecTimeout(2*patience))

	It("only warns if the other supply carries the node", func(ctx context.Context) {
		h, power := fed(1)
		f := lost()
		_, err := h.inject(ctx, PowerOutage, f)
		Expect(err).NotTo(HaveOccurred())
		left := func() int {
			h.turn.Lock()
			defer h.turn.Unlock()
			return len(h.outages["f1"].left)
		}
		Eventually(left).Should(BeZero())
		Expect(power()).To(BeEmpty())
		_, err = h.recover(ctx, PowerOutage, f)
		Expect(err).NotTo(HaveOccurred())
	}, SpecTimeout(2*patience))

	It("makes late changes before the recovery", func(ctx context.Context) {
		h, power := fed(2)
		f := lost()
		_, err := h.inject(ctx, PowerOutage, f)
		Expect(err).NotTo(HaveOccurred())
		h.turn.Lock()
		h.outages["f1"].end() // as on a busy machine: follow does not make the change
		h.turn.Unlock()
		f.At = proxy.Monotonic() + time.Second.Nanoseconds()
		_, err = h.recover(ctx, PowerOutage, f)
		Expect(err).NotTo(HaveOccurred())
		Expect(power()).To(Equal([]proxy.State{proxy.PowerOff, proxy.PowerOn}))
	}, SpecTimeout(2*patience))

	It("ends with its agent", func(ctx context.Context) {
		h, power := fed(2)
		_, err := h.inject(ctx, PowerOutage, lost())
		Expect(err).NotTo(HaveOccurred())
		h.end()
		h.trip(proxy.Monotonic(), "too few supplies")
		Consistently(power).WithTimeout(2 * ups).Should(BeEmpty())
	}, SpecTimeout(2*patience))

	It("fails if the mains are back before the end of its time line", func(ctx context.Context) {
		h, power := fed(2)
		f := lost()
		f.Power[2].At = time.Minute
		_, err := h.inject(ctx, PowerOutage, f)
		Expect(err).NotTo(HaveOccurred())
		_, err = h.recover(ctx, PowerOutage, f)
		Expect(err).To(MatchError(ContainSubstring("the mains are back before 1 planned change(s)")))
		Expect(power()).To(BeEmpty())
	}, SpecTimeout(2*patience))

	DescribeTable("reports the interval in which an input was lost or came back, however late", func(told []string, line ...policy.Change) {
		h, _ := fed(1)
		var inputs []proxy.Event
		h.report = func(e proxy.Event) {
			if e.Kind == proxy.EventInput {
				inputs = append(inputs, e)
			}
		}
		h.turn.Lock()
		defer h.turn.Unlock()
		began := proxy.Monotonic() - time.Minute.Nanoseconds()
		o := &outage{fault: Fault{ID: "f1", At: began}, left: line, lost: map[string]bool{}}
		for len(o.left) > 0 {
			h.due(o)
		}
		Expect(o.err).NotTo(HaveOccurred())
		var texts []string
		for i, e := range inputs {
			texts = append(texts, e.Text)
			due := began + line[len(line)-len(inputs)+i].At.Nanoseconds()
			Expect(e.At - e.Uncertainty.Nanoseconds()).To(BeNumerically("~", due, 1))
			Expect(e.At + e.Uncertainty.Nanoseconds()).To(And(BeNumerically(">=", began+time.Minute.Nanoseconds()), BeNumerically("<=", proxy.Monotonic()+1)))
		}
		Expect(texts).To(Equal(told))
	},
		Entry("lost", []string{"UPS empty"}, change(0, "proxy-a", policy.UPS, "UPS carries"), change(time.Second, "proxy-a", policy.NoSupply, "UPS empty")),
		Entry("back", []string{"no UPS", "diesel carries"}, change(0, "proxy-a", policy.NoSupply, "no UPS"), change(time.Second, "proxy-a", policy.OnGenerator, "diesel carries")),
		Entry("no report if the UPS carries until the generator does", nil, change(0, "proxy-a", policy.UPS, "UPS carries"), change(time.Second, "proxy-a", policy.OnGenerator, "diesel carries")),
	)

	It("needs inputs of this node, and a chassis", func(ctx context.Context) {
		h, _ := fed(2)
		f := lost()
		f.Power = f.Power[1:2]
		_, err := h.inject(ctx, PowerOutage, f)
		Expect(err).To(MatchError("the fault takes no input of this node"))
		_, err = newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {}).inject(ctx, PowerOutage, lost())
		Expect(err).To(MatchError(errNoChassis))
	})
})
