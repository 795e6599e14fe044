package main

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/planner"
)

var _ = It("docs/second-node: a measurement turns what the plan buys", func() {
	p, err := planner.Open("../../docs/second-node/plan.yaml", measurements{})
	Expect(err).NotTo(HaveOccurred())
	r, err := planner.Solve(context.Background(), p)
	Expect(err).NotTo(HaveOccurred())
	Expect(r.Doubt.Turns).To(Equal([]string{"Measurement turned the choice: by prediction and library the plan buys contract; as measured it buys second-node."}))
	f := r.Designs[1].Failover
	Expect([]any{f.From, f.Worked, f.Trials}).To(Equal([]any{planner.Measured, 20, 20}))
	Expect(*f.Coverage).To(BeNumerically("~", 20.5/21, 1e-12))
})
