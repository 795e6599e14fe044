package agent

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// patience is how long a spec waits for what must come, on a machine that others keep busy, before it says that it never does.
const patience = 30 * time.Second

func TestAgent(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	RunSpecs(t, "agent")
}

// TestMain lets the test program be a cache, or threads that want processors, for a spec that starts it.
func TestMain(m *testing.M) {
	pac.Child()
	if dir := os.Getenv(cacheEnv); dir != "" {
		fmt.Fprintln(os.Stderr, serveCache(dir))
		os.Exit(1)
	}
	if threads := os.Getenv(hogsEnv); threads != "" {
		hog(len(threads))
	}
	os.Exit(m.Run())
}

// hogsEnv makes the test program so many threads that do nothing but run.
const hogsEnv = "SPOF_TEST_HOGS"

// hog never returns; its test ends it, or the end of that test's program does.
func hog(threads int) {
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	runtime.GOMAXPROCS(threads)
	for range threads - 1 {
		go spin(nil)
	}
	spin(nil)
}

// lockThread makes the calling goroutine a thread of its own, which ends with it.
func lockThread() { runtime.LockOSThread() }

// boot boots a node and says whether it could.
func boot(ctx context.Context, h *host) error {
	_, err := h.boot(ctx)
	return err
}

// controlled is the unix socket of a control that h answers until the spec ends.
func controlled(h http.Handler) string {
	GinkgoHelper()
	socket := filepath.Join(GinkgoT().TempDir(), "control.sock")
	l, err := proxy.ListenControl(socket)
	Expect(err).NotTo(HaveOccurred())
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(l) }()
	DeferCleanup(server.Close)
	return socket
}

// liesWithin holds that all of the interval in which an effect was proven to lie is later than an instant, and over.
func liesWithin(e *Effect, from int64) {
	GinkgoHelper()
	Expect(e.At - e.Uncertainty.Nanoseconds()).To(BeNumerically(">=", from))
	Expect(e.At + e.Uncertainty.Nanoseconds()).To(BeNumerically("<=", proxy.Monotonic()))
}
