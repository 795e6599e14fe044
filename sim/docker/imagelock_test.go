package docker

import (
	"context"
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"
)

var _ = It("makes no lock for building images through a symbolic link", func() {
	cache := GinkgoT().TempDir()
	GinkgoT().Setenv("XDG_CACHE_HOME", cache)
	Expect(os.Mkdir(filepath.Join(cache, "spof"), 0o700)).To(Succeed())
	foreign := filepath.Join(cache, "foreign")
	Expect(os.Symlink(foreign, filepath.Join(cache, "spof", "images.lock"))).To(Succeed())
	_, err := lockImages(context.Background(), func(string) {})
	Expect(err).To(MatchError(unix.ELOOP))
	Expect(foreign).NotTo(BeAnExistingFile())
})
