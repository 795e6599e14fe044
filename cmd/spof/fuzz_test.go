package main

import (
	"os"
	"os/exec"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("make fuzz", func() {
	// fuzz runs scripts/fuzz on one target with a fake toolchain that prints said and exits with code.
	fuzz := func(said, code string) (string, error) {
		GinkgoHelper()
		dir := GinkgoT().TempDir()
		target := "package x\n\nfunc FuzzRead(f *testing.F) {\n"
		Expect(os.WriteFile(filepath.Join(dir, "x_test.go"), []byte(target), 0o600)).To(Succeed())
		fake := filepath.Join(dir, "go")
		text := "#!/bin/sh\necho \"$*\" >" + dir + "/asked\ncat <<'END'\n" + said + "\nEND\nexit " + code + "\n"
		Expect(os.WriteFile(fake, []byte(text), 0o700)).To(Succeed())
		cmd := exec.Command("../../scripts/fuzz", dir)
		cmd.Env = append(os.Environ(), "GO="+fake, "FLOOR=50", "FUZZTIME=3s")
		out, err := cmd.CombinedOutput()
		Expect(os.ReadFile(filepath.Join(dir, "asked"))).To(HavePrefix("test -run ^$ -fuzz ^FuzzRead$ -fuzztime 3s -fuzzminimizetime 1x "))
		return string(out), err
	}

	It("prints the executions per second of a target", func() {
		out, err := fuzz("fuzz: elapsed: 3s, execs: 3000 (1000/sec), new interesting: 1 (total: 2)\n"+
			"fuzz: elapsed: 1m3s, execs: 6300 (55/sec), new interesting: 1 (total: 2)\nPASS", "0")
		Expect(err).NotTo(HaveOccurred())
		Expect(out).To(MatchRegexp(`FuzzRead +6300 executions, +100 per second`))
	})

	DescribeTable("fails for a slow target", func(said string) {
		out, err := fuzz(said, "0")
		Expect(err).To(HaveOccurred())
		Expect(out).To(ContainSubstring("FuzzRead: fewer than 50 executions per second"))
	},
		Entry("a few", "fuzz: elapsed: 21s, execs: 27 (0/sec), new interesting: 0 (total: 26)"),
		Entry("none", "fuzz: elapsed: 0s, gathering baseline coverage: 0/26 completed"),
	)

	It("fails with the output of the fuzzer after a crash", func() {
		out, err := fuzz("--- FAIL: FuzzRead (0.2s)", "1")
		Expect(err).To(HaveOccurred())
		Expect(out).To(ContainSubstring("--- FAIL: FuzzRead"))
	})
})
