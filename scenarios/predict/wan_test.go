package predict_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = DescribeTable("a bandwidth is a degradation of links that have more by themselves", func(target string, bits int64, refused string) {
	t, err := topology.Load("dual-wan")
	Expect(err).NotTo(HaveOccurred())
	s, err := scenarios.Open("wan-degrade", analyze.Expectable())
	Expect(err).NotTo(HaveOccurred())
	s.Faults[0].Target.Pick, s.Faults[0].Bandwidth = target, bits
	_, err = plan.Compile(t, s, 1, 1)
	if refused == "" {
		Expect(err).NotTo(HaveOccurred())
		return
	}
	Expect(err).To(MatchError(ContainSubstring(refused)))
},
	Entry("less", "radio", int64(8e6), ""),
	Entry("as much", "radio", int64(10e6), "a bandwidth of 10Mbit/s degrades no link that carries 10Mbit/s by itself, as radio does; want less"),
	Entry("more on one of several", target.All, int64(20e6), "a bandwidth of 20Mbit/s degrades no link that carries 10Mbit/s by itself, as radio does; want less"),
	Entry("none named", "radio", int64(0), ""),
)
