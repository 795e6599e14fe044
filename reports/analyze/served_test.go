package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// constant is a trial without faults: 16 s at 1000/s, of which the first second is the warm-up.
func constant(serve service) *trace.Trace {
	t := synthetic(func(i int, _ time.Duration) reply { return serve(i, time.Duration(i)*time.Second/rate) })
	p := &t.Header.Plan
	p.Faults, p.Scenario.Faults, t.Events = nil, nil, nil
	p.FaultAt, p.RecoverAt = p.End, p.End
	p.Topology.WAN = []topology.Link{{Name: "isp"}, {Name: "spare"}}
	return t
}

var _ = Describe("what a constant load was given", func() {
	It("counts from the end of the warm-up", func() {
		got := analyze.ServedBy(constant(func(i int, at time.Duration) reply {
			switch {
			case at < s:
				return reset
			case i%100 == 0:
				return hanged
			case i%100 == 1:
				return reply{latency: 1500 * time.Millisecond} // the patience is 1 s
			case i%10 == 2:
				return reply{latency: 40 * time.Millisecond}
			}
			return fine
		}))
		Expect(got.Offered).To(Equal(15_000))
		Expect(got.Share).To(BeNumerically("~", 0.98, 1e-9))
		Expect(got.Late).To(Equal(150))
		Expect(got.Failures).To(Equal(map[string]int{load.Timeout.String(): 150}))
		Expect(got.P95MS).To(Equal(40.0))
		Expect([]string{got.Machine, got.Void}).To(HaveEach(""))
	})

	It("has the busier direction of each link, as far as its meter was read", func() {
		t := constant(always(fine))
		meter(t, "isp", s, 1000, 5000)
		meter(t, "isp", endAt, 4000, 5000+30_000)
		meter(t, "spare", s, 1, 1)
		Expect(analyze.ServedBy(t).Links).To(Equal(map[string]float64{"isp": 2000}))
	})

	It("has the share of one core that each service used, as far as it was read twice", func() {
		t := constant(always(fine))
		used := func(node string, at, ran time.Duration) {
			t.Events = append(t.Events, trace.Event{At: epoch + at.Nanoseconds(), Node: node, Service: "squid", Kind: proxy.EventServiceCPU, For: ran})
		}
		used("proxy-a", s, 30*s)
		used("proxy-b", s, 7*s)
		used("proxy-a", endAt, 30*s+(endAt-s)*3/4)
		Expect(analyze.ServedBy(t).Cores).To(Equal(map[string]float64{"squid on proxy-a": 0.75}))
	})

	It("takes the load generator for a part of the machine", func() {
		got := analyze.ServedBy(constant(func(i int, _ time.Duration) reply {
			if i%2 == 0 {
				return reply{outcome: load.NotSent}
			}
			return fine
		}))
		Expect(got.Machine).To(ContainSubstring("could not send 7500 requests"))
		Expect(got.Void).To(BeEmpty())
	})

	It("names a service that ended by itself", func() {
		t := constant(always(fine))
		t.Events = []trace.Event{{At: epoch + 5e9, Kind: proxy.EventServiceExit, Node: "proxy-a", Service: "squid", Text: "signal 9"}}
		Expect(analyze.ServedBy(t).Ended).To(HavePrefix("squid on proxy-a ended by itself at 5.00 s"))
	})

	It("says when it shows nothing", func() {
		t := constant(always(fine))
		t.Broken = "the lab is gone"
		Expect(analyze.ServedBy(t).Void).To(ContainSubstring("the lab is gone"))
		t = constant(always(fine))
		t.Samples = t.Samples[:len(t.Samples)/2]
		Expect(analyze.ServedBy(t).Void).To(ContainSubstring("have no sample"))
	})
})
