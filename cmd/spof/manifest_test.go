package main

import (
	"fmt"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = DescribeTable("a manifest that no run writes is refused", func(edit func(*manifest), code string) {
	dir := GinkgoT().TempDir()
	Expect(os.Mkdir(filepath.Join(dir, traceDir), 0o755)).To(Succeed())
	traces, err := os.OpenRoot(filepath.Join(dir, traceDir))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(traces.Close)
	m := manifest{Schema: manifestSchema, Cells: []manifestCell{{Topology: "single", Scenario: "brief", PlanHash: "a"}}}
	Expect(m.write(traces)).To(Succeed())
	Expect(readManifest(dir)).To(Equal(m))
	edit(&m)
	Expect(m.write(traces)).To(Succeed())
	_, err = readManifest(dir)
	Expect(err).To(MatchError(HavePrefix(filepath.Join(dir, manifestPath) + ": ")))
	Expect(reason.Codes(err)).To(Equal([]string{code}))
	Expect(exitCode(err)).To(Equal(exitInvalid))
},
	Entry("one cell twice", func(m *manifest) { m.Cells = append(m.Cells, m.Cells[0]) }, "repeated-cell"),
	Entry("too many cells", func(m *manifest) {
		for i := range maxCells {
			m.Cells = append(m.Cells, manifestCell{PlanHash: fmt.Sprint(i)})
		}
	}, "too-many-cells"),
	Entry("too many cells that are left out", func(m *manifest) { m.Skipped = make([]analyze.Skipped, maxCells+1) }, "too-many-cells"),
)
