package configure_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/configure"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("Supports", func() {
	It("accepts every bundled design; without real engines all but those with parents", func() {
		for _, name := range topology.Designs() {
			t, err := topology.Load(name)
			Expect(err).NotTo(HaveOccurred())
			Expect(configure.Supports(t, false)).To(Succeed(), name)
			if name == "dual-wan-parents" {
				Expect(configure.Supports(t, true)).To(MatchError(proxy.ErrUnsupported))
			} else {
				Expect(configure.Supports(t, true)).To(Succeed(), name)
			}
		}
	})

	It("refuses what keepalived cannot be configured for", func() {
		t, err := topology.Load("active-passive")
		Expect(err).NotTo(HaveOccurred())
		t.Addresses[0].Track.Interval /= 2
		Expect(configure.Supports(t, false)).To(MatchError(proxy.ErrUnsupported))
	})
})
