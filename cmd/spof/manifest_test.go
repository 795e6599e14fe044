package main

import (
	"fmt"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

var _ = DescribeTable("a list of cells that no run has is refused", func(edit func(*manifest), want string) {
	dir := GinkgoT().TempDir()
	Expect(os.Mkdir(filepath.Join(dir, traceDir), 0o755)).To(Succeed())
	traces, err := os.OpenRoot(filepath.Join(dir, traceDir))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(traces.Close)
	m := manifest{Schema: manifestSchema, Cells: []manifestCell{{"single", "brief", "a", ""}}}
	Expect(m.write(traces)).To(Succeed())
	Expect(readManifest(dir)).To(Equal(m))
	edit(&m)
	Expect(m.write(traces)).To(Succeed())
	_, err = readManifest(dir)
	Expect(err).To(MatchError(filepath.Join(dir, manifestPath) + ": " + want))
	Expect(exitCode(err)).To(Equal(exitInvalid))
},
	Entry("one cell twice", func(m *manifest) { m.Cells = append(m.Cells, m.Cells[0]) }, "the cell of single under brief stands there twice"),
	Entry("too many", func(m *manifest) {
		for i := range maxCells {
			m.Cells = append(m.Cells, manifestCell{PlanHash: fmt.Sprint(i)})
		}
	}, "10001 cells; a report has at most 10000"),
	Entry("too many that are left out", func(m *manifest) { m.Skipped = make([]analyze.Skipped, maxCells+1) }, "10001 cells; a report has at most 10000"),
)
