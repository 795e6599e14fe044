package agent

import (
	"context"
	"io"
	"os"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("the meter of a node without a WAN link", func() {
	It("tells the processor time of the busiest thread of each service", func(ctx SpecContext) {
		events := make(chan proxy.Event, 100)
		h := newHost(context.Background(), Options{Log: io.Discard}, func(e proxy.Event) { events <- e })
		DeferCleanup(h.end)
		program, err := os.Executable()
		Expect(err).NotTo(HaveOccurred())
		Expect(h.start(ctx, proxy.NodeSpec{Node: "a", Shared: true, Processes: []proxy.Process{
			{Service: "squid", Command: []string{program}, Env: []string{hogsEnv + "=x"}},
			{Service: "idle", Command: []string{"sleep", "600"}},
		}})).To(Succeed())

		read := func() (at int64, ran, idle time.Duration) {
			Expect(h.meter(ctx)).To(Succeed())
			for len(events) > 0 {
				switch e := <-events; {
				case e.Kind == proxy.EventServiceCPU && e.Service == "squid":
					at, ran = e.At, e.For
				case e.Kind == proxy.EventServiceCPU:
					idle = e.For
				}
			}
			return at, ran, idle
		}
		var from int64
		var before time.Duration
		Eventually(func() time.Duration { from, before, _ = read(); return before }).Should(BeNumerically(">", 50*time.Millisecond), "it spins")
		var to int64
		var after, idle time.Duration
		Eventually(func() time.Duration { to, after, idle = read(); return after - before }).Should(BeNumerically(">", 200*time.Millisecond))
		Expect(after-before).To(BeNumerically("<=", time.Duration(to-from)+20*time.Millisecond), "a thread runs at most all the time")
		Expect(idle).To(BeNumerically("<", before), "of each service its own")
	}, SpecTimeout(2*patience))

	It("has nothing of processes that ended", func() {
		Expect(longestRun([]int{1 << 30})).To(BeZero())
	})
})
