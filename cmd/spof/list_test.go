package main

import (
	"bytes"
	"encoding/json"
	"io"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = Describe("spof list", func() {
	It("documents every measure with its unit and its name in report.json", func() {
		run := newRoot(io.Discard)
		var out bytes.Buffer
		run.SetOut(&out)
		run.SetArgs([]string{"list", "--format", "json"})
		Expect(run.Execute()).To(Succeed())
		var got listing
		Expect(json.Unmarshal(out.Bytes(), &got)).To(Succeed())
		known := analyze.Expectable()
		Expect(got.Measures).To(HaveLen(len(known)))
		for _, m := range got.Measures {
			Expect(known).To(HaveKey(m.Name))
			Expect(m.About).NotTo(BeEmpty(), m.Name)
			Expect(m.Unit).To(And(Not(BeEmpty()), Equal(known[m.Name].Unit), Equal(analyze.MeasureAt(m.Summary).Unit)), m.Name)
		}
	})
})
