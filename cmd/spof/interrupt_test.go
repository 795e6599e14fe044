package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// stuck starts a command that writes more than a page into a pipe of one page without a reader. It returns when the pipe is full: the
// command waits forever.
func stuck(args []string) *exec.Cmd {
	r, w, err := os.Pipe()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(r.Close)
	size, err := unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, 4096)
	Expect(err).NotTo(HaveOccurred())
	path, err := exec.LookPath("spof") // this test binary
	Expect(err).NotTo(HaveOccurred())
	cmd := exec.Command(path, args...)
	cmd.Stdout, cmd.Stderr = w, w
	Expect(cmd.Start()).To(Succeed())
	Expect(w.Close()).To(Succeed())
	DeferCleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	Eventually(func() (int, error) { return unix.IoctlGetInt(int(r.Fd()), unix.TIOCINQ) }).Should(Equal(size))
	return cmd
}

var _ = Describe("a command with nothing to clean up", func() {
	var bad string // a file with more problems than a page of text holds
	BeforeEach(func() {
		text := "topology: bad\n"
		for i := range 200 {
			text += fmt.Sprintf("unknown-%d: 1\n", i)
		}
		bad = filepath.Join(GinkgoT().TempDir(), "bad.yaml")
		Expect(os.WriteFile(bad, []byte(text), 0o600)).To(Succeed())
	})
	for _, command := range []string{"list", "show FILE", "validate FILE", "graph FILE", "run steady -t FILE"} {
		for _, sent := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
			It("ends by the default action of the signal: "+command+", "+sent.String(), func() {
				cmd := stuck(strings.Fields(strings.Replace(command, "FILE", bad, 1)))
				Expect(cmd.Process.Signal(sent)).To(Succeed())
				ended := make(chan syscall.WaitStatus, 1)
				go func() { _ = cmd.Wait(); ended <- cmd.ProcessState.Sys().(syscall.WaitStatus) }()
				var status syscall.WaitStatus
				Eventually(ended).Should(Receive(&status))
				Expect(status.Signaled()).To(BeTrue(), "exit code %d", status.ExitStatus())
				Expect(status.Signal()).To(Equal(sent))
			})
		}
	}
})

var _ = It("stops at signals that come together, for example from timeout(1), and leaves at a later one", func() {
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
	Expect(at).To(BeTemporally(">=", began.Add(sameSignal)))
	Expect(stopped).To(BeEmpty())
})

var _ = DescribeTable("an interrupt decides the error of a command that cleans up", func(cause, err, want error) {
	ctx, cancel := context.WithCancelCause(context.Background())
	if cause != nil {
		cancel(cause)
	}
	released := false
	settle(ctx, func() { released = true }, &err)
	Expect(released).To(BeTrue())
	Expect(errors.Is(err, want)).To(BeTrue(), "%v", err)
	cancel(nil)
},
	Entry("no interrupt, no error", nil, nil, nil),
	Entry("no interrupt", nil, verdictError{analyze.Fail}, verdictError{analyze.Fail}),
	Entry("another end of the context", context.Canceled, verdictError{analyze.Fail}, verdictError{analyze.Fail}),
	Entry("an interrupt after success", errInterrupted, nil, errInterrupted),
	Entry("an interrupt", errInterrupted, verdictError{analyze.Fail}, errInterrupted),
)
