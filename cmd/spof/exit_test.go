package main

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
)

var _ = DescribeTable("exit codes", func(err error, want int) {
	Expect(exitCode(err)).To(Equal(want))
	if err != nil {
		Expect(exitCode(errors.Join(fmt.Errorf("run: %w", err), io.EOF))).To(Equal(want), "wrapped and joined")
	}
},
	Entry("no error", nil, exitPass),
	Entry("failed", verdictError{analyze.Fail}, exitFail),
	Entry("inconclusive", verdictError{analyze.Inconclusive}, exitInconclusive),
	Entry("usage", usageError{io.EOF}, exitInvalid),
	Entry("a fault that the runtime does not support", sim.ErrUnsupported, exitInvalid),
	Entry("a valid design that the engines do not support, for example two origins", proxy.ErrUnsupported, exitInvalid),
	Entry("no engine", docker.ErrUnavailable, exitEnvironment),
	Entry("a full disk", syscall.ENOSPC, exitEnvironment),
	Entry("Ctrl-C", errInterrupted, exitInterrupted),
)
