// Package suite is a Ginkgo suite.
package suite

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gmeasure"

	"github.com/seed-ab8b6914/spof/spoftest"
	. "github.com/seed-ab8b6914/spof/spoftest/spofmatch"
)

func TestSuite(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "suite")
}

var _ = Describe("two balancers in front of two proxies", func() {
	It("hide the death of a node from most users", func() {
		lab := spoftest.Start(GinkgoT(), "active-active")
		res := lab.Run("proxy-death", spoftest.Want(spoftest.RecoverWithin(10*time.Second)))
		Expect(res).To(RecoverWithin(10 * time.Second))
		Expect(res).To(BypassNothing())

		e := gmeasure.NewExperiment("active-active")
		figures, err := res.Figures("failover")
		Expect(err).NotTo(HaveOccurred())
		for _, ms := range figures {
			e.RecordValue("failover", ms, gmeasure.Units("ms"))
		}
		AddReportEntry(e.Name, e)
		Expect(e.GetStats("failover").N).To(Equal(1))
	})
})

var _ = Describe("a single proxy", func() {
	It("does not serve while it is down", func() {
		lab := spoftest.Start(GinkgoT(), "single")
		want := spoftest.KeepAtLeast(0.5)
		Expect(lab.Run("service-crash", spoftest.Want(want))).NotTo(Meet(want))
	})
})
