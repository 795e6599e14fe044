package main

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
)

var _ = Describe("run --all", func() {
	It("takes less than half an hour on two cores, and gives a reason for each cell that it leaves out", func() {
		f := runFlags{all: true, trials: 1, seed: 1}
		plans, skipped, err := f.plans(nil)
		Expect(err).NotTo(HaveOccurred())
		kept, left := narrow(&docker.Runtime{}, plans)
		groups, length := schedule(kept, 4, sim.NewCapacity(2*carried))
		cells := map[string]bool{}
		for _, p := range kept {
			cells[p.Topology.Name+" "+p.Scenario.Name] = true
		}
		GinkgoWriter.Println(len(kept), length, len(skipped)+len(left))
		for _, g := range groups {
			GinkgoWriter.Println(kept[g[0]].Topology.Name, len(g), lengthOf(kept, g))
		}
		for _, s := range append(skipped, left...) {
			Expect(s.Reason).NotTo(BeEmpty())
			Expect(cells).NotTo(HaveKey(s.Topology + " " + s.Scenario))
			cells[s.Topology+" "+s.Scenario] = true
		}
		Expect(length).To(BeNumerically("<", 30*time.Minute))
	})
})
