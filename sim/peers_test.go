package sim_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// within returns the requests that began and ended between two events, whose times have an uncertainty.
func within(t *trace.Trace, a, b trace.Event) (reused, fresh []load.Sample) {
	for _, s := range t.Samples {
		from, to := life(t, s)
		switch {
		case from < a.At+a.Uncertainty.Nanoseconds() || to > b.At-b.Uncertainty.Nanoseconds():
		case s.Flags&load.Reused != 0:
			reused = append(reused, s)
		default:
			fresh = append(fresh, s)
		}
	}
	return reused, fresh
}

// The users' view of faults of links, origins and load, on kept and on new connections. The assertions depend on the order of events, not on
// the speed of the machine.
var _ = Describe("the users' view, in containers", Label("docker"), func() {
	It("shows a degraded link, a flapping link, a slow origin and a surge", func(ctx context.Context) {
		lasting := func(name, fault string) act {
			return act{name: name, fault: fault, during: 3 * time.Second, then: 1500 * time.Millisecond}
		}
		s := &stage{runtime: func() sim.Runtime { return onDocker(false) }, topo: withSignals("ignore"), acts: []act{
			lasting("degraded", "kind: wan-degrade, target: isp, latency: 200ms"),
			lasting("flapping", "kind: wan-flap, target: isp, mode: cut, period: 1s"),
			lasting("slow", "kind: slow-origin, target: all, latency: 300ms"),
			lasting("surging", "kind: surge, target: all, factor: 3"),
		}}
		play(ctx, s)
		slower := func(t *trace.Trace, least time.Duration) {
			GinkgoHelper()
			reused, fresh := within(t, find(t, proxy.EventFaultEffect, 0), find(t, proxy.EventRecoverEffect, 0))
			Expect(reused).NotTo(BeEmpty())
			Expect(fresh).NotTo(BeEmpty())
			for _, r := range append(reused, fresh...) {
				Expect(r.Outcome).To(Equal(load.OK), "late, not lost")
				Expect(time.Duration(r.FirstByte) * time.Microsecond).To(BeNumerically(">=", least))
			}
		}

		By("a degraded link: every request is served, late")
		slower(s.one("degraded"), 200*time.Millisecond)

		By("a slow origin: every request is served, late")
		slower(s.one("slow"), 300*time.Millisecond)

		By("a flapping link: no request is served while the link is lost, every request while it is back")
		flapping := s.one("flapping")
		var flips []trace.Event
		for _, e := range flapping.Events {
			if e.Kind == proxy.EventWANFlip {
				flips = append(flips, e)
			}
		}
		lost, back := 0, 0
		for i, e := range flips[:len(flips)-1] {
			reused, fresh := within(flapping, e, flips[i+1])
			for _, r := range append(reused, fresh...) {
				if e.State == proxy.LinkLost { // the proxy answers 5xx outside of tunnels
					if r.Flags&load.Tunnel == 0 {
						Expect(r.Outcome).To(Equal(load.Status5xx))
					}
					Expect(r.Outcome).NotTo(Equal(load.OK))
					lost++
				} else {
					Expect(r.Outcome).To(Equal(load.OK))
					back++
				}
			}
		}
		Expect(lost).To(BeNumerically(">", 0))
		Expect(back).To(BeNumerically(">", 0))

		By("a surge: three times the requests leave on schedule, and are served")
		surging := s.one("surging")
		from, to := find(surging, proxy.EventFaultAsked, 0).At, find(surging, proxy.EventRecoverAsked, 0).At
		during, before := 0, 0
		for _, r := range surging.Samples {
			switch at, _ := life(surging, r); {
			case at < from:
				before++
			case at < to:
				during++
				Expect(r.Outcome).To(Equal(load.OK))
			}
		}
		Expect(during).To(BeNumerically("~", 3*100*time.Duration(to-from).Seconds(), 2))
		Expect(before).To(BeNumerically("~", 100*time.Duration(from-surging.Header.Epoch).Seconds(), 2))
	}, SpecTimeout(6*time.Minute)) // on a new machine the first lab makes the image of the engines
})
