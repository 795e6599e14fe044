package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = Describe("A request that is given up before the patience", func() {
	early := func(_ int, at time.Duration) reply {
		if lasting(3*s, 4*s)(at) {
			return reply{latency: s, outcome: load.Timeout}
		}
		return fine
	}

	DescribeTable("is not the machine's doing", func(from, to time.Duration) {
		t := busy(patient(synthetic(early)), from, to)
		t.Header.Plan.Faults[0].Promised = 0.1 // no outage
		got := analyze.TrialOf(t)
		Expect(got.ResilienceLossS).To(BeNumerically("~", 1, 0.02))
		Expect(got.Ranges["resilience_loss"].Lo).To(Equal(got.ResilienceLossS))
	},
		Entry("on an idle one", time.Duration(0), time.Duration(0)),
		Entry("on a busy one", 2*s, 8*s),
	)
})
