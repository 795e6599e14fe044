package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

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
	Entry("nothing wrong", nil, exitPass),
	Entry("failed", verdictError{analyze.Fail}, exitFail),
	Entry("inconclusive", verdictError{analyze.Inconclusive}, exitInconclusive),
	Entry("usage", usageError{io.EOF}, exitInvalid),
	Entry("a fault that the runtime cannot do", sim.ErrUnsupported, exitInvalid),
	Entry("a valid design that the engines cannot be configured for, such as two origins", proxy.ErrUnsupported, exitInvalid),
	Entry("no engine", docker.ErrUnavailable, exitEnvironment),
	Entry("a full disk", syscall.ENOSPC, exitEnvironment),
	Entry("Ctrl-C", errInterrupted, exitInterrupted),
)

var _ = It("lets no peer that is gone end a program on a node", func() {
	Expect(interrupts([]string{"spof", "node", "origin"})).NotTo(ContainElement(syscall.SIGPIPE))
	Expect(interrupts([]string{"spof", "run"})).To(ContainElement(syscall.SIGPIPE))
})

var _ = It("stops once for signals that come together, as from timeout(1), and leaves at one that comes later", func() {
	signals := make(chan os.Signal, 3)
	stopped, left := make(chan os.Signal, 3), make(chan time.Time, 100)
	signals <- os.Interrupt
	signals <- os.Interrupt
	signals <- syscall.SIGTERM
	began := time.Now()
	go attend(signals, func(first os.Signal) { stopped <- first }, func() { left <- time.Now() })
	DeferCleanup(func() { close(signals) })
	Eventually(stopped).Should(Receive(Equal(os.Interrupt)))
	var at time.Time
	Eventually(func() <-chan time.Time { signals <- os.Interrupt; return left }).Should(Receive(&at))
	Expect(at).To(BeTemporally(">=", began.Add(oneAct)))
	Expect(stopped).To(BeEmpty())
})
