package main

import (
	"bytes"
	"context"
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = DescribeTable("standard output on a full disk has a code, and the hint of -o does not stand there", func(args ...string) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	Expect(err).NotTo(HaveOccurred())
	defer full.Close()
	runs := GinkgoT().TempDir()
	writeRuns(runs, 2, 2)
	for i := range args {
		args[i] = strings.Replace(args[i], "RUNS", runs, 1)
	}
	var stderr bytes.Buffer
	Expect(execute(context.Background(), args, strings.NewReader(""), full, &stderr)).To(Equal(exitEnvironment))
	Expect(stderr.String()).To(HaveSuffix("["+stdoutCode+"]\n"), stderr.String())
	Expect(strings.Count(stderr.String(), stdoutCode)).To(Equal(1))
},
	func(args ...string) string { return "spof " + strings.Join(args, " ") },
	Entry(nil, "list"),
	Entry(nil, "list", "--format", "json"),
	Entry(nil, "show", "active-passive"),
	Entry(nil, "show", "node-death"),
	Entry(nil, "show", "active-passive", "--format", "json"),
	Entry(nil, "show", "node-death", "--plan", "active-passive"),
	Entry(nil, "graph", "single"),
	Entry(nil, "graph", "single", "--dot"),
	Entry(nil, "schema", "topology"),
	Entry(nil, "history", "RUNS"),
	Entry(nil, "history", "RUNS", "--format", "json"),
	Entry(nil, "diff", "RUNS/run-00", "RUNS/run-01"),
	Entry(nil, "diff", "RUNS/run-00", "RUNS/run-01", "--format", "markdown"),
	Entry(nil, "doctor"),
	Entry(nil, "version"),
	Entry(nil, "completion", "bash"),
	Entry(nil, "__complete", "show", ""),
	Entry(nil, "help", "run"),
	Entry(nil, "run", "--help"),
	Entry(nil),
)
