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

	"github.com/seed-ab8b6914/spof/sim/tempdir"
)

var _ = Describe("a guarded command", func() {
	It("gives its output and exit code", func(ctx SpecContext) {
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

	It("is interrupted with its children when the controller is killed", func(ctx SpecContext) {
		mess := filepath.Join(GinkgoT().TempDir(), "mess")
		controller := exec.Command(os.Args[0])
		controller.Env = append(os.Environ(), roleVariable+"="+roleGuard, messVariable+"="+mess)
		s, err := gexec.Start(controller, GinkgoWriter, GinkgoWriter)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { s.Kill().Wait() })
		Eventually(ctx, s).Should(gbytes.Say(`[0-9]+ .*\n`))
		number, temporary, _ := strings.Cut(strings.TrimSpace(string(s.Out.Contents())), " ")
		pid, err := strconv.Atoi(number)
		Expect(err).NotTo(HaveOccurred())
		Expect(mess).To(BeADirectory())
		Expect(temporary).To(BeADirectory())
		Expect(tempdir.Clean()).NotTo(ContainElement(temporary), "the group still uses it")
		s.Kill()
		Eventually(ctx, mess).ShouldNot(BeADirectory(), "the command cleans up")
		Eventually(ctx, func() error { return syscall.Kill(-pid, 0) }).Should(MatchError(syscall.ESRCH), "no process of the group is left")
		Eventually(ctx, func() string { _, _ = tempdir.Clean(); return temporary }).ShouldNot(BeADirectory(), "the next run removes its temporary files")
	})

	It("has its own mounts, which end with it", func(ctx SpecContext) {
		if ownMounts() == 0 {
			Skip("needs CAP_SYS_ADMIN")
		}
		cmd, release, err := guarded(ctx, "sh", "-c", `mkdir "$TMPDIR/m" && mount -t tmpfs none "$TMPDIR/m" && echo mine >"$TMPDIR/m/file" && cat "$TMPDIR/m/file" && echo "$TMPDIR"`)
		Expect(err).NotTo(HaveOccurred())
		out, err := cmd.Output()
		Expect(err).NotTo(HaveOccurred())
		said, dir, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
		Expect(said).To(Equal("mine"))
		Expect(filepath.Join(dir, "m")).To(BeADirectory())
		Expect(filepath.Join(dir, "m", "file")).NotTo(BeAnExistingFile())
		Expect(release()).To(Succeed())
		Expect(dir).NotTo(BeADirectory())
	})
})
