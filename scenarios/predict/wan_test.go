package predict_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = DescribeTable("a degradation needs a bandwidth below the link's own", func(pick string, bits int64, refused string) {
	t, err := topology.Load("dual-wan")
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Open("wan-degrade", analyze.Expectable())
	Expect(err).NotTo(HaveOccurred())
	s.Faults[0].Target.Pick, s.Faults[0].Bandwidth = pick, bits
	_, err = plan.Compile(t, s, 1, 1)
	if refused == "" {
		Expect(err).NotTo(HaveOccurred())
		return
	}
	Expect(reason.Codes(err)).To(Equal([]string{"bandwidth-not-less"}))
	Expect(err).To(MatchError(ContainSubstring(refused)))
},
	Entry("less", "radio", int64(8e6), ""),
	Entry("as much", "radio", int64(10e6), "10Mbit/s does not degrade radio, whose own bandwidth is 10Mbit/s"),
	Entry("more on one of several", target.All, int64(20e6), "20Mbit/s does not degrade radio, whose own bandwidth is 10Mbit/s"),
	Entry("none named", "radio", int64(0), ""),
)
