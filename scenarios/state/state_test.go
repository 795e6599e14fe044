package state_test

import (
	"os"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/scenarios/state"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestMain(m *testing.M) {
	pac.Child()
	os.Exit(m.Run())
}

func TestState(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "states of a design")
}

// listed names the states of a bundled design, with the share of the requests that have a path.
func listed(design string, names ...string) map[string]float64 {
	GinkgoHelper()
	all, err := state.Of(scenariotest.Design(design), scenariotest.Bundled("steady"), names)
	Expect(err).NotTo(HaveOccurred())
	found := map[string]float64{}
	for _, s := range all {
		found[strings.Join(append([]string{s.Name}, s.Lost...), " ")] = s.Reach
		Expect(len(s.Plan.Faults) == 0).To(Equal(s.Name == state.Whole), s.Name)
	}
	return found
}

var _ = Describe("the states of a design", func() {
	DescribeTable("take each kind of part away once", func(design string, want map[string]float64) {
		Expect(listed(design, state.Names()...)).To(Equal(want))
	},
		Entry("single", "single", map[string]float64{"whole": 1, "n-1 proxy-a": 0}),
		Entry("active-passive: the standby alone carries nothing", "active-passive", map[string]float64{"whole": 1, "n-1 proxy-a": 1, "n-2 proxy-a proxy-b": 0}),
		Entry("active-active", "active-active", map[string]float64{"whole": 1, "n-1 lb-a": 1, "n-1 proxy-a": 1,
			"n-2 lb-a lb-b": 0, "n-2 lb-a proxy-a": 1, "n-2 lb-b proxy-a": 1, "n-2 proxy-a proxy-b": 1}),
		Entry("dual-wan", "dual-wan", map[string]float64{"whole": 1, "n-1 lb-a": 1, "n-1 proxy-a": 1, "backup-wan fibre": 1,
			"n-2 lb-a lb-b": 0, "n-2 lb-a proxy-a": 1, "n-2 lb-a proxy-b": 1, "n-2 lb-b proxy-a": 1, "n-2 proxy-a proxy-b": 0}),
	)

	It("reach the generator when it carries what it can", func() {
		all, err := state.Of(scenariotest.Design("generator-backed"), scenariotest.Bundled("steady"), []string{state.Generator})
		Expect(err).NotTo(HaveOccurred())
		Expect(all).To(HaveLen(1))
		Expect(all[0].Lost).To(Equal([]string{"feed-a", "feed-b"}))
		Expect(all[0].Reach).To(BeNumerically("~", 0.8, 1e-9), "the staff, not the users of the node that is shed")
		Expect(all[0].After).To(BeNumerically("~", 4*time.Second, 3*time.Second))
		Expect(all[0].Settles).To(BeNumerically(">", all[0].After))
	})

	It("are left out where a design has nothing to lose", func() {
		Expect(listed("single", state.BackupWAN, state.Generator)).To(BeEmpty())
	})

	It("exist for every bundled design", func() {
		for _, name := range topology.Designs() {
			Expect(listed(name, state.Names()...)).To(HaveKeyWithValue("whole", BeNumerically("~", 1, 1e-9)), name)
		}
	})
})
