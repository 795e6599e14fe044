package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
)

var _ = Describe("the end of a run", func() {
	full := &os.PathError{Op: "write", Path: "run.json", Err: syscall.ENOSPC}
	var stdout, stderr bytes.Buffer
	var dir string
	BeforeEach(func() {
		stdout.Reset()
		stderr.Reset()
		dir = filepath.Join(GinkgoT().TempDir(), "it's ours")
		Expect(os.MkdirAll(filepath.Join(dir, traceDir), 0o755)).To(Succeed())
	})
	// conclude ends a run with a verdict. It gives the exit code and standard error.
	conclude := func(verdict analyze.Verdict, writable bool, lost error) (int, string) {
		GinkgoHelper()
		into, err := os.OpenRoot(GinkgoT().TempDir())
		Expect(err).NotTo(HaveOccurred())
		defer into.Close()
		if !writable {
			Expect(os.Remove(into.Name())).To(Succeed())
		}
		cmd := &cobra.Command{}
		cmd.SetOut(&stdout)
		cmd.SetErr(&stderr)
		rep := &analyze.Report{Schema: analyze.ReportSchema, Verdict: verdict, Cells: []analyze.Cell{{Topology: "single", Scenario: "brief", Verdict: verdict}}}
		err = conclusion{rep: rep, traces: dir, into: into, format: "json", lost: lost}.finish(cmd)
		if err != nil {
			explain(&stderr, err)
		}
		return exitCode(err), stderr.String()
	}

	DescribeTable("turns the verdict into the exit code", func(verdict analyze.Verdict, code int) {
		got, told := conclude(verdict, true, nil)
		Expect(got).To(Equal(code))
		Expect(told).To(And(ContainSubstring("report: "), Not(ContainSubstring("spof:"))))
	}, Entry(nil, analyze.Pass, exitPass), Entry(nil, analyze.Fail, exitFail), Entry(nil, analyze.Inconclusive, exitInconclusive))

	DescribeTable("prints the verdict before it writes files", func(verdict analyze.Verdict, word string) {
		Expect(os.WriteFile(filepath.Join(dir, traceDir, "single--brief--000.jsonl.gz"), nil, 0o644)).To(Succeed())
		code, told := conclude(verdict, false, full)
		Expect(code).To(Equal(exitEnvironment))
		Expect(told).To(MatchRegexp(`(?s)single +brief +%[1]s.*verdict: +%[1]s\n.*spof: the verdict is %[1]s, but .*write run.json: no space left on device; report: write [^\n]* \[incomplete\]\n`+
			`hint: 1 trace\(s\) [^\n]* spof report '[^\n]*it'\\''s ours' --into DIR`, word))
		var rep analyze.Report
		Expect(json.Unmarshal(stdout.Bytes(), &rep)).To(Succeed())
		Expect(rep.Verdict).To(Equal(verdict))
	}, Entry(nil, analyze.Pass, "PASS"), Entry(nil, analyze.Fail, "FAIL"))

	It("gives no hint without traces", func() {
		_, told := conclude(analyze.Fail, false, nil)
		Expect(told).To(And(ContainSubstring("report: write"), Not(ContainSubstring("hint"))))
	})

	It("reports other losses, though the report was written", func() {
		Expect(os.WriteFile(filepath.Join(dir, traceDir, "single--brief--000.jsonl.gz"), nil, 0o644)).To(Succeed())
		code, told := conclude(analyze.Pass, true, full)
		Expect(code).To(Equal(exitEnvironment))
		Expect(told).To(MatchRegexp(`(?s)report: .*spof: the verdict is PASS, but .*run.json: no space left on device \[incomplete\]\n$`))
	})

	It("reports a loss of an interrupted run, except a closed pipe", func() {
		err := interrupted(newLoss(analyze.Fail, dir, full))
		Expect(exitCode(err)).To(Equal(exitInterrupted))
		Expect(err).To(MatchError(And(HavePrefix("interrupted; the verdict is FAIL"), ContainSubstring("no space left"))))
		Expect(interrupted(newLoss(analyze.Fail, dir, syscall.EPIPE))).To(Equal(errInterrupted))
		Expect(interrupted(verdictError{analyze.Fail})).To(Equal(errInterrupted))
	})

	It("reports a lost trace with --all", func() {
		lab, lost := errors.New("no lab"), fmt.Errorf("%w: %w", sim.ErrNotKept, full)
		Expect(runFlags{all: true}.untold(context.Background(), lab)).To(Succeed())
		Expect(runFlags{all: true}.untold(context.Background(), errors.Join(lab, lost))).To(MatchError(sim.ErrNotKept))
		Expect(runFlags{}.untold(context.Background(), lab)).To(MatchError(lab))
	})
})
