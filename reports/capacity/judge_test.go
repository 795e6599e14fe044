package capacity_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = DescribeTable("a try", func(got analyze.Served, outcome capacity.Outcome, code, why string) {
	got.Offered = 400
	links := []topology.Link{{Name: "isp", Bandwidth: 2e6}, {Name: "free"}}
	Expect(capacity.Standard{Share: 0.99, LimitMS: 100}.Judge(got, links)).To(Equal(capacity.Finding{Outcome: outcome, Code: code, Why: why}))
},
	Entry("holds", analyze.Served{Share: 0.99, P95MS: 100}, capacity.Held, "", ""),
	Entry("holds on a busy machine", analyze.Served{Share: 1, P95MS: 9, Machine: "busy"}, capacity.Held, "", ""),
	Entry("holds on a full link", analyze.Served{Share: 1, P95MS: 9, Links: map[string]float64{"isp": 250e3}}, capacity.Held, "", ""),
	Entry("is too slow", analyze.Served{Share: 1, P95MS: 101}, capacity.GaveWay, "slow-answers", "answers are slow: p95 101 ms, above 100 ms"),
	Entry("comes too late", analyze.Served{Share: 0.9, Late: 40}, capacity.GaveWay, "late-answers", "40 of 400 answers came after the patience"),
	Entry("fails", analyze.Served{Share: 0.9, Late: 10, Failures: map[string]int{"timeout": 10, "refused": 20}}, capacity.GaveWay, "failed-requests", "20 of 400 requests: refused"),
	Entry("meets a full link", analyze.Served{Share: 0.9, Links: map[string]float64{"isp": 248e3, "free": 9e9}}, capacity.GaveWay, "link-full", "WAN link isp is full: 1.98 of 2 Mbit/s"),
	Entry("meets a full link on a busy machine", analyze.Served{Share: 0.9, Machine: "busy", Links: map[string]float64{"isp": 238e3}},
		capacity.GaveWay, "link-full", "WAN link isp is full: 1.9 of 2 Mbit/s"),
	Entry("ends a service", analyze.Served{Share: 0.5, Machine: "busy", Ended: "squid ended"}, capacity.GaveWay, "service-ended", "squid ended"),
	Entry("fills the core of a service, also on a busy machine", analyze.Served{Share: 0.9, Machine: "busy", Cores: map[string]float64{"squid on proxy-a": 0.98, "haproxy on lb-a": 0.94}},
		capacity.GaveWay, "core-full", "the CPU of squid on proxy-a is full: 98 % of one core"),
	Entry("leaves every service a part of its core", analyze.Served{Share: 0.9, Machine: "busy", Cores: map[string]float64{"squid on proxy-a": 0.94}}, capacity.Machine, "machine-limit", "busy"),
	Entry("holds with a full core", analyze.Served{Share: 1, P95MS: 9, Cores: map[string]float64{"squid on proxy-a": 1}}, capacity.Held, "", ""),
	Entry("meets a busy machine", analyze.Served{Share: 0.9, Machine: "busy", Links: map[string]float64{"isp": 230e3}}, capacity.Machine, "machine-limit", "busy"),
	Entry("shows nothing", analyze.Served{Share: 1, Void: "broken off"}, capacity.Machine, "trial-void", "broken off"),
	Entry("loses everything", analyze.Served{Failures: map[string]int{"timeout": 400}}, capacity.GaveWay, "failed-requests", "400 of 400 requests: timeout"),
)

var _ = DescribeTable("the limit of the latency", func(idle, want float64) {
	Expect(capacity.LimitOf(idle, 3, 100, 2000)).To(Equal(want))
},
	Entry("is at least the floor", 5.0, 100.0),
	Entry("is a multiple of the idle latency", 50.0, 150.0),
	Entry("is at most the patience", 900.0, 2000.0),
)

var _ = DescribeTable("the share to expect", func(reach, want float64) {
	Expect(capacity.ShareOf(0.99, reach, 400)).To(BeNumerically("~", want, 1e-9))
},
	Entry("is theta if every request has a path", 1.0, 0.99),
	Entry("allows for chance if some have none", 0.8, 0.792-0.04),
	Entry("is never negative", 0.001, 0.0),
)

var _ = DescribeTable("a full link on a busy machine", func(heldAt float64, want capacity.Outcome) {
	held := analyze.Served{Links: map[string]float64{"isp": 125e3}} // half of the bandwidth
	standard := capacity.Standard{Share: 0.99, Demand: capacity.DemandOf(held, heldAt, 100)}
	got := analyze.Served{Offered: 400, Share: 0.9, Machine: "busy", Links: map[string]float64{"isp": 248e3}}
	Expect(standard.Judge(got, []topology.Link{{Name: "isp", Bandwidth: 2e6}}).Outcome).To(Equal(want))
},
	Entry("is the limit if the requests fill it", 50.0, capacity.GaveWay),
	Entry("only makes up for a pause if they do not", 53.0, capacity.Machine),
)
