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
	RunSpecs(t, "wholefile")
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

	It("replaces the old file only when it is committed", func() {
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

	It("leaves nothing when it is discarded, or when its name is a directory", func() {
		f, err := Create(root, "run.json")
		Expect(err).NotTo(HaveOccurred())
		f.Discard()
		Expect(names()).To(BeEmpty())

		Expect(os.Mkdir(file, 0o700)).To(Succeed())
		Expect(Write(root, "run.json", nil)).To(MatchError(syscall.EEXIST))
		Expect(names()).To(ConsistOf("run.json"))
	})

	It("reports a full disk, and leaves nothing", func() {
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

	It("has no name until it is committed: a killed process leaves nothing", func() {
		f, err := Create(root, "run.json")
		Expect(err).NotTo(HaveOccurred())
		defer f.Discard()
		if f.named {
			Skip("the file system of temporary files has no nameless files")
		}
		_, err = f.Write([]byte("new"))
		Expect(err).NotTo(HaveOccurred())
		Expect(names()).To(BeEmpty())
	})

	It("has a temporary name if the file system has no nameless files", func() {
		f := &File{dir: root, name: "run.json", half: ".run.json.17.tmp", named: true}
		var err error
		f.f, err = root.Create(f.half)
		Expect(err).NotTo(HaveOccurred())
		_, err = f.Write([]byte("new"))
		Expect(err).NotTo(HaveOccurred())
		Expect(names()).To(ConsistOf(f.half))
		Expect(f.Commit()).To(Succeed())
		Expect(content(file)).To(Equal("new"))
		Expect(names()).To(ConsistOf("run.json"))
	})

	It("is found by the temporary name that a killed process has left", func() {
		f := &File{name: "run.json", half: ".run.json.17446744073709551615.tmp"}
		Expect(Of(f.half)).To(Equal("run.json"))
		Expect(Of("run.json")).To(Equal("run.json"))
		Expect(Of(".bashrc.tmp")).To(Equal(".bashrc.tmp"))
	})
})
