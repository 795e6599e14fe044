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

	It("is read to its last byte, also through a symbolic link", func() {
		write(most)()
		Expect(plainfile.Read(path, most)).To(HaveLen(most))
		link := path + "-link"
		Expect(os.Symlink(path, link)).To(Succeed())
		Expect(plainfile.Read(link, most)).To(HaveLen(most))
	})

	It("that is not there is a file to open that is not there", func() {
		_, err := plainfile.Read(path, most)
		Expect(err).To(MatchError(fs.ErrNotExist))
		Expect(err).To(MatchError("open " + path + ": no such file or directory"))
	})

	DescribeTable("is refused at once", func(make func(), want string) {
		make()
		_, err := plainfile.Open(path, most)
		Expect(err).To(MatchError(path + want))
		Expect(err).To(MatchError(plainfile.ErrRefused))
	},
		Entry("a FIFO that nobody writes", func() { Expect(unix.Mkfifo(path, 0o600)).To(Succeed()) }, " is a FIFO; want a regular file"),
		Entry("a directory", func() { Expect(os.Mkdir(path, 0o700)).To(Succeed()) }, " is a directory; want a regular file"),
		Entry("a device", func() { Expect(os.Symlink("/dev/zero", path)).To(Succeed()) }, " is a device; want a regular file"),
		Entry("a socket", func() {
			l, err := net.Listen("unix", path)
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(l.Close)
		}, " is a socket; want a regular file"),
		Entry("one byte too many", write(most+1), " is too large; at most 10 bytes are read"),
	)

	It("is bounded where the system gives no size", func() {
		_, err := plainfile.Read("/proc/self/status", most)
		Expect(err).To(MatchError("/proc/self/status is too large; at most 10 bytes are read"))
	})
})
