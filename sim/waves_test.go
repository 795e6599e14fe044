package sim

import (
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("the start of the nodes", func() {
	t := topology.Topology{Nodes: []topology.Node{
		{Name: "lb", Services: []topology.Service{{Name: "haproxy", Balance: &topology.Balance{Servers: []string{"p"}}}}},
		{Name: "p", Services: []topology.Service{{Name: "squid"}}},
	}}
	specs := map[string]proxy.NodeSpec{"lb": {}, "p": {}, "wan": {}, "users": {}}
	sorted := func(t topology.Topology) (all [][]string) {
		for _, wave := range waves(t, specs) {
			slices.Sort(wave)
			all = append(all, wave)
		}
		return all
	}

	It("is at once, for a design", func() {
		Expect(sorted(t)).To(Equal([][]string{{"lb", "p", "users", "wan"}, nil, nil}))
	})
	It("is one after the other for a team's files: names first, balancers last", func() {
		own := t
		own.Deployed = &topology.Deployed{}
		Expect(sorted(own)).To(Equal([][]string{{"users", "wan"}, {"p"}, {"lb"}}))
	})
})
