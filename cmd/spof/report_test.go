package main

import (
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = It("refuses two traces of one trial, for example a copied trace", func() {
	design, err := topology.Load("single")
	Expect(err).NotTo(HaveOccurred())
	scenario, err := scenarios.Open("steady", analyze.Expectable())
	Expect(err).NotTo(HaveOccurred())
	p, err := plan.Compile(design, scenario, 1, 1)
	Expect(err).NotTo(HaveOccurred())
	dir := GinkgoT().TempDir()
	Expect(os.Mkdir(filepath.Join(dir, traceDir), 0o755)).To(Succeed())
	traces, err := os.OpenRoot(filepath.Join(dir, traceDir))
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(traces.Close)
	Expect(newManifest([]plan.Plan{*p}, "spof run", 1, time.Now()).write(traces)).To(Succeed())
	h := trace.Header{Plan: *p, PlanHash: p.Hash()}
	for _, n := range design.Nodes {
		h.Nodes = append(h.Nodes, n.Name)
	}
	for _, name := range []string{"a.jsonl.gz", "b.jsonl.gz"} {
		w, err := trace.Create(traces, name, h)
		Expect(err).NotTo(HaveOccurred())
		Expect(w.End("")).To(Succeed())
	}
	_, errs, code := said("report", dir)
	Expect(code).To(Equal(exitInvalid))
	Expect(errs).To(MatchRegexp(`a\.jsonl\.gz and .*/b\.jsonl\.gz .*\[repeated-trace\]\n$`))
	Expect(traces.Remove("b.jsonl.gz")).To(Succeed())
	_, errs, code = said("report", dir)
	Expect(code).To(Equal(exitInconclusive), errs)
})
