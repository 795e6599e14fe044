package reports

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = Describe("the effect of chassis signals on failover", func() {
	cell := func(topology, signals, scenario string, loss ...float64) analyze.Cell {
		c := analyze.Cell{Topology: topology, Signals: signals, Scenario: scenario, Summary: map[string]analyze.Summary{"resilience_loss_s": {}}}
		if len(loss) > 0 {
			c.Summary["resilience_loss_s"] = analyze.Summary{N: 1, Median: loss[0]}
		}
		return c
	}
	DescribeTable("is shown for each design that ran with and without signals",
		func(cells []analyze.Cell, want ...string) { Expect(savings(cells)).To(HaveExactElements(want)) },
		Entry("side by side", []analyze.Cell{cell("a-p@ignore", "", "overheat", 2.9), cell("a-p@drain", "drain", "overheat", 0)},
			"a-p under overheat: signals drain instead of ignore saved 2.90 s of outage (median: 0 ms of full outage instead of 2.90 s)"),
		Entry("the design as it is, and two policies", []analyze.Cell{cell("a-p", "", "overheat", 2.9), cell("a-p@leave", "leave", "overheat", 0.6), cell("a-p@drain", "drain", "overheat", 0)},
			"a-p under overheat: signals leave instead of ignore saved 2.30 s of outage (median: 600 ms of full outage instead of 2.90 s)",
			"a-p under overheat: signals drain instead of ignore saved 2.90 s of outage (median: 0 ms of full outage instead of 2.90 s)"),
		Entry("also if signals made it worse", []analyze.Cell{cell("a-p", "", "overheat", 1), cell("a-p@drain", "drain", "overheat", 1.5)},
			"a-p under overheat: signals drain instead of ignore cost 500 ms of outage (median: 1.50 s of full outage instead of 1.00 s)"),
		Entry("not for void trials", []analyze.Cell{cell("a-p", "", "overheat"), cell("a-p@drain", "drain", "overheat", 0)}),
		Entry("not across designs or scenarios", []analyze.Cell{cell("a-a", "", "overheat", 1), cell("a-p", "", "steady", 1), cell("a-p@drain", "drain", "overheat", 0)}),
	)
})
