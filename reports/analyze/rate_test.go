package analyze_test

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// surging is the synthetic trial with a surge as its fault: three times the requests while it lasts.
func surging(serve service) *trace.Trace {
	t := synthetic(serve)
	f := &t.Header.Plan.Faults[0]
	f.Kind, f.Factor, f.Address, f.Pick = fault.Surge, 3, "", target.PickAll
	f.Candidates = []fault.Candidate{{Node: "users"}}
	for _, sample := range slices.Clone(t.Samples) {
		if due := time.Duration(sample.Scheduled); due >= f.At && due < f.Undo {
			t.Samples = append(t.Samples, sample, sample)
		}
	}
	return t
}

var _ = Describe("A surge", func() {
	It("offers the rate of the plan", func() {
		t := analyze.TrialOf(surging(always(fine)))
		Expect(t.Reasons).To(BeEmpty())
		Expect(t.Offered).To(BeNumerically("~", 3*7990, 3))
		Expect(t.FailoverMS).To(about(0, 0))
	})
	It("weighs losses by the rate at that instant", func() {
		t := analyze.TrialOf(surging(out(0, 3*s)))
		Expect(t.Reasons).To(BeEmpty())
		Expect(t.Lost).To(BeNumerically("~", 9000, 3))
		Expect(t.LossDerivedMS).To(BeNumerically("~", 3000, 5))
		Expect(t.ResilienceLossS).To(BeNumerically("~", 3, 0.02))
	})
	It("is inconclusive if its requests were never sent", func() {
		t := surging(always(fine))
		t.Samples = t.Samples[:int(endAt.Seconds()*rate)]
		Expect(analyze.TrialOf(t).Reasons).To(ContainElement(HavePrefix("16000 of 32000 requests ")))
	})
})
