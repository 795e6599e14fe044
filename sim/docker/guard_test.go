package docker

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gbytes"
	"github.com/onsi/gomega/gexec"
)

var _ = Describe("a guarded command", func() {
	It("has its own output and exit code", func(ctx SpecContext) {
		cmd, release, err := guarded(ctx, "sh", "-c", "echo one; echo two >&2; exit 7")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(release)
		out, err := cmd.Output()
		Expect(string(out)).To(Equal("one\n"))
		var ended *exec.ExitError
		Expect(errors.As(err, &ended)).To(BeTrue())
		Expect(ended.ExitCode()).To(Equal(7))
		Expect(string(ended.Stderr)).To(Equal("two\n"))
	})

	It("is interrupted, with what it started, when its process is killed", func(ctx SpecContext) {
		mess := filepath.Join(GinkgoT().TempDir(), "mess")
		controller := exec.Command(os.Args[0])
		controller.Env = append(os.Environ(), roleVariable+"="+roleGuard, messVariable+"="+mess)
		s, err := gexec.Start(controller, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { s.Kill().Wait() })
		Eventually(ctx, s).Should(gbytes.Say(`[0-9]+\n`))
		pid, err := strconv.Atoi(strings.TrimSpace(string(s.Out.Contents())))
		Expect(err).NotTo(HaveOccurred())
		Expect(mess).To(BeADirectory())
		s.Kill()
		Eventually(ctx, mess).ShouldNot(BeADirectory(), "it takes its own mess away")
		Eventually(ctx, func() error { return syscall.Kill(-pid, 0) }).Should(MatchError(syscall.ESRCH), "nobody of its group is left")
	})
})
