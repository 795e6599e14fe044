package spoftest

import (
	"fmt"
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = DescribeTable("a wrong fault names its field, not a position in a text", func(f Fault, fields ...string) {
	design, err := topology.Load("active-passive")
	Expect(err).NotTo(HaveOccurred())
	_, err = f.plan(&Lab{GinkgoT(), &shared{design: design}}, 1)
	fmt.Fprintln(GinkgoWriter, reason.Text(err))
	Expect(reason.Codes(err)).NotTo(BeEmpty())
	var named []string
	for _, m := range regexp.MustCompile(`(?m)^(\S+): `).FindAllStringSubmatch(err.Error(), -1) {
		named = append(named, m[1])
	}
	Expect(named).To(Equal(fields))
	Expect(err).NotTo(MatchError(MatchRegexp(`:\d+:\d+|scenario break`)))
},
	Entry("nothing", Fault{}, "Kind", "Target"),
	Entry("an unknown kind", Fault{Kind: "meteor", Target: "any"}, "Kind"),
	Entry("no target", Fault{Kind: "crash"}, "Target"),
	Entry("an unknown node", Crash("nobody"), "Target"),
	Entry("an unknown role", Crash("any").In("juggler"), "Role"),
	Entry("an unknown parameter", Fault{Kind: "crash", Target: "any", With: map[string]string{"speed": "3"}}, `With["speed"]`),
	Entry("a field as a parameter", Fault{Kind: "crash", Target: "any", With: map[string]string{"kind": "hang"}}, `With["kind"]`),
	Entry("a time that is never used", Fault{Kind: "crash", Target: "any", With: map[string]string{"for": "3s"}}, `With["for"]`),
	Entry("a wrong parameter", Fault{Kind: "wan-degrade", Target: "isp", With: map[string]string{"latency": "far"}}, `With["latency"]`),
	Entry("nothing degraded", Fault{Kind: "wan-degrade", Target: "isp"}, "Kind"),
	Entry("no parameter", Fault{Kind: "wan-flap", Target: "isp"}, "With"),
)
