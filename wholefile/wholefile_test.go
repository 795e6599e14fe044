package wholefile

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestWholefile(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "whole files")
}

var _ = Describe("a whole file", func() {
	var dir, file string
	var root *os.Root
	BeforeEach(func() {
		dir = GinkgoT().TempDir()
		file = filepath.Join(dir, "run.json")
		var err error
		root, err = os.OpenRoot(dir)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(root.Close)
	})
	names := func() (all []string) {
		entries, err := os.ReadDir(dir)
		Expect(err).NotTo(HaveOccurred())
		for _, e := range entries {
			all = append(all, e.Name())
		}
		return all
	}
	content := func(path string) string {
		b, err := os.ReadFile(path)
		Expect(err).NotTo(HaveOccurred())
		return string(b)
	}

	It("replaces what stood at its name only when it is whole", func() {
		Expect(os.WriteFile(file, []byte("old"), 0o600)).To(Succeed())
		f, err := Create(root, "run.json")
		Expect(err).NotTo(HaveOccurred())
		_, err = f.Write([]byte("new"))
		Expect(err).NotTo(HaveOccurred())
		Expect(content(file)).To(Equal("old"))
		Expect(f.Commit()).To(Succeed())
		f.Discard()
		Expect(content(file)).To(Equal("new"))
		Expect(names()).To(ConsistOf("run.json"))
	})

	It("is never written through a symbolic link", func() {
		foreign := filepath.Join(GinkgoT().TempDir(), "passwords")
		Expect(os.WriteFile(foreign, []byte("mine"), 0o600)).To(Succeed())
		Expect(os.Symlink(foreign, file)).To(Succeed())
		Expect(Write(root, "run.json", []byte("ours"))).To(Succeed())
		Expect(content(foreign)).To(Equal("mine"))
		Expect(os.Lstat(file)).To(HaveField("Mode()", Satisfy(os.FileMode.IsRegular)))
		Expect(content(file)).To(Equal("ours"))
	})

	It("leaves nothing when it is given up, or has no place", func() {
		f, err := Create(root, "run.json")
		Expect(err).NotTo(HaveOccurred())
		f.Discard()
		Expect(names()).To(BeEmpty())

		Expect(os.Mkdir(file, 0o700)).To(Succeed())
		Expect(Write(root, "run.json", nil)).To(MatchError(syscall.EEXIST))
		Expect(names()).To(ConsistOf("run.json"))
	})

	It("says that the disk is full, and leaves nothing", func() {
		f, err := Create(root, "run.json")
		Expect(err).NotTo(HaveOccurred())
		Expect(f.f.Close()).To(Succeed())
		f.f, err = os.OpenFile("/dev/full", os.O_WRONLY, 0)
		Expect(err).NotTo(HaveOccurred())
		_, err = f.Write([]byte("x"))
		Expect(err).To(MatchError(syscall.ENOSPC))
		f.Discard()
		Expect(names()).To(BeEmpty())
	})

	It("is known by the name of what a killed process has left of it", func() {
		_, err := Create(root, "run.json")
		Expect(err).NotTo(HaveOccurred())
		Expect(names()).To(HaveLen(1))
		Expect(names()[0]).NotTo(Equal("run.json"))
		Expect(Of(names()[0])).To(Equal("run.json"))
		Expect(Of("run.json")).To(Equal("run.json"))
		Expect(Of(".bashrc.tmp")).To(Equal(".bashrc.tmp"))
	})
})
