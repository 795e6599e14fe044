package configure_test

import (
	"net/netip"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("what nodes report of their network", func() {
	entry := map[netip.Addr]string{netip.MustParseAddr("10.0.0.100"): "entry"}

	It("is who announces the addresses that they hold or enter at, and their routes", func() {
		specs := configured(sample(), containers())
		Expect(specs["lb-b"].Watch).To(Equal(&proxy.NetworkWatch{Addresses: entry, Holds: true, Routes: true}))
		Expect(specs["office"].Watch).To(Equal(&proxy.NetworkWatch{Addresses: entry}))
		Expect(specs["isp"].Watch).To(BeNil())
	})

	It("is nothing for users who enter at a node", func() {
		t := sample()
		t.Users[0].Proxy.Host = "lb-a"
		Expect(configured(t, containers())["office"].Watch).To(BeNil())
	})

	It("is nothing on a shared network stack", func() {
		for _, spec := range configured(sample(), loopback()) {
			Expect(spec.Watch).To(BeNil())
		}
	})

	It("is only the routes of a node without an address", func() {
		t := sample()
		t.Addresses = []topology.Address{t.Addresses[0]}
		Expect(configured(t, containers())["proxy-a"].Watch).To(Equal(&proxy.NetworkWatch{Routes: true}))
	})
})
