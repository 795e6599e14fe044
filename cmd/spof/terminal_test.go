package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/terminal"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("a terminal", func() {
	const evil = "\x1b]0;owned\a\u202e"

	It("gets no control character from the name of a file", func() {
		for _, command := range [][]string{{"validate"}, {"show"}, {"graph"}, {"report"}, {"run"}, {"run", "node-death", "-t"}, {evil}} {
			out, errs, code := said(append(command, "no-"+evil+".yaml")...)
			Expect(code).To(Equal(exitInvalid), "%q", command)
			Expect(out+errs).NotTo(ContainSubstring("\x1b"), "%q", command)
			Expect(errs).To(MatchRegexp(`owned`), "%q", command)
		}
	})

	It("gets none from the text of a file", func() {
		file := filepath.Join(GinkgoT().TempDir(), "evil.yaml")
		text, err := scenarios.Source("steady")
		Expect(err).NotTo(HaveOccurred())
		Expect(os.WriteFile(file, append(text, "# other \u202e way\n"...), 0o600)).To(Succeed())
		out, _, code := said("show", file)
		Expect(code).To(Equal(exitPass))
		Expect(out).To(HaveSuffix(`# other \u202e way` + "\n"))

		Expect(os.WriteFile(file, []byte("topology: x\nabout: \"\\e]0;owned\\a\"\nno\u202ekey: 1\n"), 0o600)).To(Succeed())
		for _, command := range []string{"validate", "show", "graph"} {
			out, errs, code := said(command, file)
			Expect(code).To(Equal(exitInvalid), command)
			Expect(out+errs).NotTo(MatchRegexp("[\x1b\u202e]"), command)
		}
	})

	It("gets none from the names and events of a run", func() {
		var screen bytes.Buffer
		p := newProgress(terminal.NewWriter(&screen), false, true)
		c := p.lab([]plan.Plan{{Topology: topology.Topology{Name: evil}}}, func(plan.Plan, plan.Trial) {})
		c.Trial(trace.Header{Plan: plan.Plan{Topology: topology.Topology{Name: evil}, Scenario: scenarios.Scenario{Name: evil}}}, time.Second)
		c.Event(trace.Event{Kind: "phase", State: evil})
		c.Event(trace.Event{Kind: "server-down", Node: evil, Subject: evil, Text: evil})
		p.draw()
		c.Note(evil)
		c.Ended(evil)
		shown := strings.NewReplacer("\x1b[?7l", "", "\x1b[?7h", "", "\x1b[1A\x1b[J", "").Replace(screen.String())
		Expect(shown).To(ContainSubstring(`\u001b]0;owned\u0007`))
		Expect(shown).NotTo(ContainSubstring("\x1b"))
		Expect(shown).NotTo(ContainSubstring("\u202e"))
	})

	It("gets none from a foreign trace", func() {
		dir := GinkgoT().TempDir()
		traces := filepath.Join(dir, traceDir)
		Expect(os.Mkdir(traces, 0o755)).To(Succeed())
		root, err := os.OpenRoot(traces)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(root.Close)
		Expect(newManifest(nil, "", 1, time.Now()).write(root)).To(Succeed())
		h := trace.Header{Plan: plan.Plan{Schema: plan.Schema, Topology: topology.Topology{Name: evil}, Trials: []plan.Trial{{}}}}
		h.PlanHash = h.Plan.Hash()
		w, err := trace.Create(root, "x.jsonl.gz", h)
		Expect(err).NotTo(HaveOccurred())
		Expect(w.End("")).To(Succeed())
		_, errs, code := said("report", dir)
		Expect(code).To(Equal(exitInvalid))
		Expect(errs).To(MatchRegexp(`of \\u001b]0;owned\\u0007\\u202e under .*\[foreign-trace\]\n$`))
	})

	It("is found behind the writer that makes text safe", func() {
		Expect(columns(terminal.NewWriter(io.Discard))).To(Equal(80))
		Expect(terminal.Raw(terminal.NewWriter(os.Stderr))).To(BeIdenticalTo(os.Stderr))
	})
})
