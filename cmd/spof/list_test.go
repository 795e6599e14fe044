package main

import (
	"bytes"
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
)

var _ = Describe("spof list", func() {
	It("documents every measure with its unit and its name in report.json", func() {
		run := newRoot()
		var out bytes.Buffer
		run.SetOut(&out)
		run.SetArgs([]string{"list", "--format", "json"})
		Expect(run.Execute()).To(Succeed())
		var got listing
		Expect(json.Unmarshal(out.Bytes(), &got)).To(Succeed())
		var names []string
		for _, m := range got.Measures {
			names = append(names, m.Name)
			Expect(m.About).NotTo(BeEmpty(), m.Name)
			Expect(m.Unit).To(And(Not(BeEmpty()), Equal(analyze.UnitOf(m.Summary))), m.Name)
		}
		Expect(names).To(Equal(scenarios.MeasureNames()))
	})
})
