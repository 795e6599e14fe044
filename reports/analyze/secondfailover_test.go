package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("The parts of a failover that was lost again", func() {
	It("follow the switch that brought service", func() {
		t := tracked(twiceOut)
		t.Header.Watching = nil
		split := adds(t)
		Expect(split.Detect).To(about(3400, 1))
		Expect(split.Decide).To(about(3500, 1))
		Expect(split.Client).To(about(100, 5))
		Expect(split.Waits).To(Equal("a second failover: proxy-b gave the address up 3.40 s after the fault, and proxy-b took it 6.90 s after the fault"))
	})

	It("follow the last of several", func() {
		t := tracked(func(i int, at time.Duration) reply {
			if lasting(7*s, 7700*msec)(at) {
				return reset
			}
			return twiceOut(i, at)
		})
		event(t, of(proxy.VRRPFault), 7100*msec)
		event(t, has, 7600*msec)
		event(t, master, 7610*msec)
		split := adds(t)
		Expect(split.Detect).To(about(7100, 1))
		Expect(split.Decide).To(about(500, 1))
	})

	It("are of the first switch if it lasted", func() {
		t := patient(addressed(out(0, 3*s)))
		event(t, master, 2900*msec)
		event(t, of(proxy.VRRPFault), 6*s)
		event(t, master, 7*s)
		split := adds(t)
		Expect(split.Detect).To(about(2900, 1))
		Expect(split.Waits).NotTo(ContainSubstring("second"))
	})

	DescribeTable("follow what is back", func(down, up trace.Event, by proxy.EventKind) {
		t := patient(addressed(twiceOut))
		event(t, removed, 2900*msec)
		event(t, down, 3400*msec)
		event(t, up, 6900*msec)
		split := adds(t)
		Expect(split.By).To(Equal(string(by)))
		Expect(split.Detect).To(about(3400, 1))
		Expect(split.Decide).To(about(3500, 1))
		Expect(split.Waits).To(MatchRegexp(`^a second failover: .* had proxy-b out of service from 3\.40 s to 6\.90 s after the fault$`))
	},
		Entry("at a balancer", trace.Event{Kind: proxy.EventServerDown, Node: "lb-a", Subject: "proxy-b"},
			trace.Event{Kind: proxy.EventServerUp, Node: "lb-a", Subject: "proxy-b"}, proxy.EventServerUp),
		Entry("at a DNS responder", trace.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-b", State: proxy.RecordWithdrawn},
			trace.Event{Kind: proxy.EventRecord, Node: "ns", Subject: "proxy-b", State: proxy.RecordBack}, proxy.EventRecord),
	)
})
