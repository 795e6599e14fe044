package plainfile_test

import (
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

func TestPlainFile(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "plainfile")
}

const most = 10

var _ = Describe("a user's file", func() {
	var path string
	BeforeEach(func() { path = filepath.Join(GinkgoT().TempDir(), "f") })
	write := func(size int) func() {
		return func() { Expect(os.WriteFile(path, make([]byte, size), 0o600)).To(Succeed()) }
	}

	It("is read completely, also through a symbolic link", func() {
		write(most)()
		Expect(plainfile.Read(path, most)).To(HaveLen(most))
		link := path + "-link"
		Expect(os.Symlink(path, link)).To(Succeed())
		Expect(plainfile.Read(link, most)).To(HaveLen(most))
	})

	It("is reported if it does not exist", func() {
		_, err := plainfile.Read(path, most)
		Expect(err).To(MatchError(fs.ErrNotExist))
		Expect(reason.Codes(err)).To(HaveExactElements("no-such-file"))
		Expect(err).To(MatchError("open " + path + ": no such file or directory"))
	})

	It("is reported if it cannot be opened", func() {
		Expect(os.WriteFile(path, nil, 0o600)).To(Succeed())
		_, err := plainfile.Read(path+"/f", most)
		Expect(reason.Codes(err)).To(HaveExactElements("unreadable-file"))
	})

	DescribeTable("is refused at once", func(make func(), code, text string) {
		make()
		_, err := plainfile.Open(path, most)
		Expect(reason.Codes(err)).To(HaveExactElements(code))
		Expect(err).To(MatchError(And(HavePrefix(path), ContainSubstring(text))))
		Expect(err).To(MatchError(plainfile.ErrRefused))
	},
		Entry("a FIFO without a writer", func() { Expect(unix.Mkfifo(path, 0o600)).To(Succeed()) }, "not-a-regular-file", "a FIFO"),
		Entry("a directory", func() { Expect(os.Mkdir(path, 0o700)).To(Succeed()) }, "not-a-regular-file", "a directory"),
		Entry("a device", func() { Expect(os.Symlink("/dev/zero", path)).To(Succeed()) }, "not-a-regular-file", "a device"),
		Entry("a socket", func() {
			l, err := net.Listen("unix", path)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(l.Close)
		}, "not-a-regular-file", "a socket"),
		Entry("one byte too many", write(most+1), "file-too-large", "at most 10 bytes"),
	)

	It("is bounded where the system gives no size", func() {
		_, err := plainfile.Read("/proc/self/status", most)
		Expect(err).To(MatchError(ContainSubstring("at most 10 bytes")))
	})
})
