package docker

import (
	"net/netip"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
)

var _ = DescribeTable("floating addresses",
	func(prefix string, n int, nodes []string, want []string) {
		s := segment{prefix: netip.MustParsePrefix(prefix), gateway: netip.MustParsePrefix(prefix).Addr().Next(), nodes: map[string]netip.Addr{}}
		for _, a := range nodes {
			s.nodes[a] = netip.MustParseAddr(a)
		}
		got, err := s.floating(n)
		if want == nil {
			Expect(reason.Codes(err)).To(Equal([]string{"network-too-small"}))
			return
		}
		Expect(err).NotTo(HaveOccurred())
		var text []string
		for _, a := range got {
			text = append(text, a.String())
		}
		Expect(text).To(Equal(want))
	},
	Entry("from the top, below the broadcast address", "10.1.0.0/16", 2, nil, []string{"10.1.255.254", "10.1.255.253"}),
	Entry("without the address of a node", "10.1.2.0/24", 2, []string{"10.1.2.253"}, []string{"10.1.2.254", "10.1.2.252"}),
	Entry("all addresses of a small network", "10.1.2.0/29", 5, nil,
		[]string{"10.1.2.6", "10.1.2.5", "10.1.2.4", "10.1.2.3", "10.1.2.2"}),
	Entry("too many for a small network: not the gateway's address", "10.1.2.0/29", 6, nil, nil),
	Entry("a prefix length that is not a multiple of 8", "172.20.16.0/20", 1, nil, []string{"172.20.31.254"}),
)
