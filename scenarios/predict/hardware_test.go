package predict_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

func heeding(t *topology.Topology, s topology.Signals) *topology.Topology {
	t.Signals = s
	return t
}

// chilled puts all nodes into one cooling zone.
func chilled(t *topology.Topology) *topology.Topology {
	t.Cooling = []string{"room-1"}
	for i := range t.Nodes {
		t.Nodes[i].Chassis = &topology.Chassis{Zone: "room-1"}
	}
	return t
}

var _ = Describe("faults of the hardware", func() {
	strike := func(kind proxy.FaultKind) fault.Fault {
		f := fault.Fault{Kind: kind, Target: target.Target{Pick: target.Serving, Role: target.RoleEntry}, For: 20 * time.Second}
		if kind == fault.CoolingZoneFailure {
			f.Target.Role = target.RoleZone
		}
		return f
	}
	load := func(name string) *topology.Topology {
		t, err := topology.Load(name)
		Expect(err).NotTo(HaveOccurred())
		return t
	}
	plan := func(t *topology.Topology, f fault.Fault) (*plan.Plan, error) {
		s, err := scenarios.Open("overheat", analyze.Expectable())
		Expect(err).NotTo(HaveOccurred())
		s.Phases.Fault = 20 * time.Second
		s.Faults = []fault.Fault{f}
		return plan.Compile(t, s, 1, 1)
	}

	DescribeTable("are predicted", func(design string, signals topology.Signals, kind proxy.FaultKind, lo, hi time.Duration, text string) {
		p, err := plan(heeding(load(design), signals), strike(kind))
		Expect(err).NotTo(HaveOccurred())
		got := p.Faults[0].Predicted
		Expect(got).NotTo(BeNil())
		Expect(got.Lo).To(BeNumerically("~", lo, time.Millisecond))
		Expect(got.Hi).To(BeNumerically("~", hi, time.Millisecond))
		Expect(got.Text).To(ContainSubstring(text))
	},
		Entry("ignored, the shutdown comes first", "active-passive", topology.Ignore, fault.FanFailure, 11609*time.Millisecond, 12609*time.Millisecond, "thermal shutdown after 9s, then"),
		Entry("drained, the address moves before it", "active-passive", topology.Drain, fault.Overheat, 0*time.Second, 0*time.Second, "at its warning after 2s; proxy-b takes the address within MDI, by 5.609s"),
		Entry("fans warn by themselves", "active-passive", topology.Drain, fault.FanFailure, 0*time.Second, 0*time.Second, "at its warning after 0s; proxy-b takes the address within MDI, by 3.609s"),
		Entry("left at critical, the backup waits for its skew", "active-passive", topology.Leave, fault.Overheat, 7609*time.Millisecond, 7634*time.Millisecond, "critical after 7s: FAULT"),
		Entry("the only PSU", "active-passive", topology.Ignore, fault.PSUFailure, 2609*time.Millisecond, 3609*time.Millisecond, "MDI"),
		Entry("the only PSU, without a warning", "active-passive", topology.Drain, fault.PSUFailure, 2609*time.Millisecond, 3609*time.Millisecond, "MDI"),
		Entry("the only PSU, without a critical state", "active-passive", topology.Leave, fault.PSUFailure, 2609*time.Millisecond, 3609*time.Millisecond, "MDI"),
		Entry("a zone of one node", "active-passive", topology.Ignore, fault.CoolingZoneFailure, 11609*time.Millisecond, 12609*time.Millisecond, "thermal shutdown after 9s, then"),
		Entry("a zone of one node that leaves", "active-passive", topology.Leave, fault.CoolingZoneFailure, 7609*time.Millisecond, 7634*time.Millisecond, "critical after 7s: FAULT"),
		Entry("ignored, users leave by the check and the TTL", "dns-failover", topology.Ignore, fault.Overheat, 10100*time.Millisecond, 13600*time.Millisecond, "thermal shutdown after 9s, then responder"),
		Entry("drained, its record is withdrawn while it serves", "dns-failover", topology.Drain, fault.Overheat, 0*time.Second, 0*time.Second,
			"withdraws the record (warning after 2s); the last user with the address leaves after the TTL of 3s, by 5.1s, while the node still serves"),
		Entry("left at critical, its record lasts longer than the node", "dns-failover", topology.Leave, fault.Overheat, 9*time.Second, 10100*time.Millisecond,
			"withdraws the record (critical after 7s)"),
		Entry("one of two PSUs", "dual-psu", topology.Ignore, fault.PSUFailure, 0*time.Second, 0*time.Second, "the remaining hardware carries the node: no outage"),
	)

	It("is predicted to leave at its warning if no member can take over while it serves", func() {
		t := heeding(load("active-passive"), topology.Drain)
		t.Addresses[0].Preempt = false
		p, err := plan(t, strike(fault.Overheat))
		Expect(err).NotTo(HaveOccurred())
		got := p.Faults[0].Predicted
		Expect([]time.Duration{got.Lo.Round(time.Millisecond), got.Hi.Round(time.Millisecond)}).To(Equal([]time.Duration{2414 * time.Millisecond, 2634 * time.Millisecond}))
	})

	It("has no predicted failover without a standby", func() {
		p, err := plan(load("single"), strike(fault.Overheat))
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Faults[0].Predicted.Never).To(BeTrue())
	})

	It("has no outage if the fault ends before the shutdown", func() {
		f := strike(fault.Overheat)
		f.For = 8 * time.Second
		p, err := plan(load("active-passive"), f)
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Faults[0].Predicted).To(HaveValue(Equal(predict.Prediction{Text: "the remaining hardware carries the node: no outage"})))
	})

	It("strikes all nodes of the zone of the node that serves", func() {
		p, err := plan(chilled(load("active-passive")), strike(fault.CoolingZoneFailure))
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Faults[0].Pick).To(Equal(target.PickAll))
		Expect(p.Faults[0].Candidates).To(Equal([]fault.Candidate{{Node: "proxy-a"}, {Node: "proxy-b"}}))
		Expect(p.Faults[0].Predicted.Never).To(BeTrue())
		p, err = plan(load("active-passive"), strike(fault.CoolingZoneFailure))
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Faults[0].Candidates).To(Equal([]fault.Candidate{{Node: "proxy-a"}}), "a node without a zone is alone in its own")
	})

	It("refuses an unknown PSU or zone", func() {
		f := strike(fault.PSUFailure)
		f.PSU = "psu-3"
		_, err := plan(load("dual-psu"), f)
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-psu"}))
		Expect(err).To(MatchError(ContainSubstring(`node proxy-a has no PSU "psu-3" (did you mean "psu-1"?); it has: psu-1, psu-2`)))
		f = strike(fault.CoolingZoneFailure)
		f.Target.Pick = "room-2"
		_, err = plan(chilled(load("active-passive")), f)
		Expect(reason.Codes(err)).To(Equal([]string{"unknown-target"}))
		Expect(err).To(MatchError(ContainSubstring(`cooling zone "room-2" (did you mean "room-1"?); valid: serving, standby, any, all, room-1`)))
	})

	DescribeTable("have parameters of their own", func(fault, problem, value string) {
		_, err := scenarios.Read("f", []byte("scenario: s\nload: {rate: 10/s}\nphases: {baseline: 2s, fault: 5s, recovery: 5s}\nfaults:\n  - {"+fault+", target: serving}\nexpect: {corrupted: \"== 0\"}\n"), analyze.Expectable())
		if problem == "" {
			Expect(err).NotTo(HaveOccurred())
			return
		}
		Expect(scenariotest.Problems(err)).To(Equal([]string{problem}))
		Expect(err).To(MatchError(ContainSubstring(value)))
	},
		Entry("a rise", "kind: overheat, rise: 2.5", "", ""),
		Entry("a rise of nothing", "kind: overheat, rise: 0", "5:28 wrong-value", "0.01 to 1000"),
		Entry("a rise of a PSU", "kind: psu-failure, rise: 2", "5:31 foreign-parameter", "no rise; only overheat, cooling-zone-failure have one"),
		Entry("a PSU", "kind: psu-failure, psu: psu-1", "", ""),
		Entry("a PSU that is no name", "kind: psu-failure, psu: 1", "5:30 wrong-value", "a-z, 0-9 and -"),
		Entry("a zone in the role of a node", "kind: cooling-zone-failure, role: entry", "5:40 unknown-value", "valid: zone"),
	)
})
