package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// watched adds machine readings every 100 ms by two nodes: 2 processors, busy by the given share before the fault and fully busy after it.
func watched(busy float64) *trace.Trace {
	t := trials(3 * time.Second)[0]
	t.Header.Started = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for at := -time.Second; at < endAt; at += 100 * msec {
		b := busy
		if at > effectAt {
			b = 1
		}
		for _, node := range []string{"users", "isp"} {
			t.Machine = append(t.Machine, trace.Reading{At: epoch + at.Nanoseconds(), Over: 100 * msec, Node: node, CPUs: 2, Busy: b, Pressure: -1})
		}
	}
	return t
}

var _ = Describe("the cost of a request", func() {
	It("is the busy time of the machine over the baseline / its requests", func() {
		c, ok := analyze.CostOf(watched(0.6)) // 1.2 of 2 processors for 1000 requests a second
		Expect(ok).To(BeTrue())
		Expect(c.PerRequest).To(BeNumerically("~", 1200*time.Microsecond, time.Microsecond))
		Expect(c.CPUs).To(Equal(2))
		Expect(c.Rate).To(Equal(1000.))
		Expect(c.Day).To(Equal("2026-11-28"))
	})

	DescribeTable("is unknown", func(change func(*trace.Trace)) {
		t := watched(0.6)
		change(t)
		_, ok := analyze.CostOf(t)
		Expect(ok).To(BeFalse())
	},
		Entry("without machine readings", func(t *trace.Trace) { t.Machine = nil }),
		Entry("of a void trial", func(t *trace.Trace) { t.Broken = "interrupted" }),
		Entry("if readings cover too little of the baseline", func(t *trace.Trace) { t.Machine = t.Machine[:2*29] }),
		Entry("if readings are invalid", func(t *trace.Trace) {
			for i := range t.Machine {
				t.Machine[i].Busy = -1
			}
		}),
	)
})
