package docker

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

var _ = Describe("the lock for building images", func() {
	var cache string
	var said []string
	BeforeEach(func() {
		cache, said = GinkgoT().TempDir(), nil
		GinkgoT().Setenv("XDG_CACHE_HOME", cache)
	})
	lock := func(ctx context.Context) (func(), error) {
		return lockImages(ctx, func(line string) { said = append(said, line) })
	}
	held := func(dir string) bool {
		GinkgoHelper()
		f, err := os.Open(filepath.Join(dir, "images.lock"))
		Expect(err).NotTo(HaveOccurred())
		defer f.Close()
		return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil
	}

	It("is in the user's cache, and has one holder at a time", func() {
		unlock, err := lock(context.Background())
		Expect(err).NotTo(HaveOccurred())
		Expect(held(filepath.Join(cache, "spof"))).To(BeTrue())
		ended, end := context.WithCancel(context.Background())
		end()
		_, err = lock(ended)
		Expect(err).To(MatchError(context.Canceled))
		Expect(said).To(ConsistOf("waiting for another run that is building images"))
		unlock()
		Expect(held(filepath.Join(cache, "spof"))).To(BeFalse())
	})

	It("is not opened through a symbolic link: images are built without a lock then", func() {
		Expect(os.Mkdir(filepath.Join(cache, "spof"), 0o700)).To(Succeed())
		foreign := filepath.Join(cache, "foreign")
		Expect(os.Symlink(foreign, filepath.Join(cache, "spof", "images.lock"))).To(Succeed())
		unlock, err := lock(context.Background())
		Expect(err).NotTo(HaveOccurred())
		unlock()
		Expect(foreign).NotTo(BeAnExistingFile())
		Expect(said).To(ConsistOf(HavePrefix("no lock for building images (")))
	})

	Describe("without a cache", func() {
		var dir string
		BeforeEach(func() {
			GinkgoT().Setenv("XDG_CACHE_HOME", filepath.Join(cache, "no", strings.Repeat("x", 300))) // cannot be made, not even by root
			GinkgoT().Setenv("TMPDIR", cache)
			dir = filepath.Join(cache, "spof-"+strconv.Itoa(os.Geteuid()))
		})

		It("is in a directory of the user below the temporary files", func() {
			unlock, err := lock(context.Background())
			Expect(err).NotTo(HaveOccurred())
			defer unlock()
			Expect(held(dir)).To(BeTrue())
			Expect(said).To(BeEmpty())
		})

		It("is not in a directory that others can write to", func() {
			Expect(os.Mkdir(dir, 0o777)).To(Succeed())
			Expect(os.Chmod(dir, 0o777)).To(Succeed())
			theirs, err := os.Create(filepath.Join(dir, "images.lock"))
			Expect(err).NotTo(HaveOccurred())
			defer theirs.Close()
			Expect(unix.Flock(int(theirs.Fd()), unix.LOCK_EX)).To(Succeed())
			unlock, err := lock(context.Background())
			Expect(err).NotTo(HaveOccurred())
			unlock()
			Expect(said).To(ConsistOf(ContainSubstring("belongs to another user, or other users may write there")))
		})
	})
})
