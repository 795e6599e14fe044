package tempdir

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
)

func TestTempdir(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "temporary directories")
}

var _ = Describe("the directory of a killed process", func() {
	const nobody = "999999999" // no process has this ID
	var base string
	mkdir := func(path ...string) string {
		GinkgoHelper()
		dir := filepath.Join(append([]string{base}, path...)...)
		Expect(os.MkdirAll(filepath.Join(dir, "proxy-a"), 0o700)).To(Succeed())
		return dir
	}
	BeforeEach(func() {
		base = GinkgoT().TempDir()
		GinkgoT().Setenv("TMPDIR", filepath.Join(base, "tmp[1]"))
	})

	It("is removed; other directories stay", func() {
		left := mkdir("tmp[1]", "spof-local-"+nobody+"-123")
		others := []string{mkdir("tmp1", "spof-local-"+nobody+"-123"), mkdir("tmp[1]", "spof-local-"+nobody+"-notes"), mkdir("tmp[1]", "spof-local-0-1")}
		Expect(Clean()).To(ConsistOf(left))
		Expect(left).NotTo(BeADirectory())
		for _, dir := range others {
			Expect(dir).To(BeADirectory())
		}
	})

	It("stays while a process holds its lock, even one of another PID namespace", func() {
		dir := mkdir("tmp[1]", "spof-local-"+nobody+"-123")
		held, err := os.Open(dir)
		Expect(err).NotTo(HaveOccurred())
		Expect(unix.Flock(int(held.Fd()), unix.LOCK_EX)).To(Succeed())
		Expect(Clean()).To(BeEmpty())
		Expect(dir).To(BeADirectory())
		Expect(Of(999999999)).To(BeTrue())
		Expect(held.Close()).To(Succeed())
		Expect(Clean()).To(ConsistOf(dir))
		Expect(Of(999999999)).To(BeFalse())
	})

	It("is removed as soon as the process has ended, also if nobody has read its exit code", func() {
		child := exec.Command("true")
		Expect(child.Start()).To(Succeed())
		dir := mkdir("tmp[1]", fmt.Sprintf("spof-local-%d-123", child.Process.Pid))
		Eventually(func() bool { return Ended(child.Process.Pid) }).Should(BeTrue())
		Expect(unix.Kill(child.Process.Pid, 0)).To(Succeed(), "it is a zombie")
		Expect(Clean()).To(ConsistOf(dir))
		Expect(child.Wait()).To(Succeed())
		Expect(Ended(os.Getpid())).To(BeFalse())
	})

	It("is removed and reported by Tidy", func() {
		dir := mkdir("tmp[1]", "spof-image-"+nobody+"-123")
		var said []string
		Tidy(func(line string) { said = append(said, line) })
		Expect(dir).NotTo(BeADirectory())
		Expect(said).To(ConsistOf("removed " + dir + ", left by a run that was killed"))
	})

	It("stays while a file system is mounted below it", func() {
		if os.Geteuid() != 0 {
			Skip("only root mounts")
		}
		dir := mkdir("tmp[1]", "spof-local-"+nobody+"-123")
		at := filepath.Join(dir, "proxy-a")
		Expect(unix.Mount("none", at, "tmpfs", 0, "")).To(Succeed())
		DeferCleanup(func() { _ = unix.Unmount(at, unix.MNT_DETACH) })
		Expect(os.WriteFile(filepath.Join(at, "theirs"), nil, 0o600)).To(Succeed())
		_, err := Clean()
		Expect(reason.Codes(err)).To(ConsistOf("directory-mounted"))
		Expect(err).To(MatchError(ContainSubstring(at)))
		Expect(filepath.Join(at, "theirs")).To(BeAnExistingFile())
		Expect(unix.Unmount(at, 0)).To(Succeed())
		Expect(Clean()).To(ConsistOf(dir))
	})
})

var _ = It("keeps the directory of a running process until Remove", func() {
	GinkgoT().Setenv("TMPDIR", GinkgoT().TempDir())
	d, err := Make("local")
	Expect(err).NotTo(HaveOccurred())
	Expect(d.Path).To(BeADirectory())
	Expect(Clean()).To(BeEmpty())
	Expect(d.Remove()).To(Succeed())
	Expect(d.Path).NotTo(BeADirectory())
})
