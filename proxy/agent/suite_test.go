package agent

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// patience is the time after which a spec gives up waiting; it allows for a busy machine.
const patience = 30 * time.Second

func TestAgent(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	RunSpecs(t, "agent")
}

// TestMain makes the test program a cache or a CPU hog if cacheEnv or hogsEnv is set.
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

// hogsEnv makes the test program run one busy thread for each character.
const hogsEnv = "SPOF_TEST_HOGS"

// hog never returns. Its spec kills it, or the kernel does when the spec's program ends.
func hog(threads int) {
	_ = unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0)
	runtime.GOMAXPROCS(threads)
	for range threads - 1 {
		go spin(nil)
	}
	spin(nil)
}

// lockThread gives the calling goroutine its own thread, which ends with it.
func lockThread() { runtime.LockOSThread() }

// boot boots a node.
func boot(ctx context.Context, h *host) error {
	_, err := h.boot(ctx)
	return err
}

// linked runs an agent until the spec ends, and dials it.
func linked(ctx context.Context, o Options) *Link {
	GinkgoHelper()
	near, far := net.Pipe()
	served := make(chan error, 1)
	o.Node, o.Log = "office", io.Discard
	go func() { served <- Serve(context.Background(), far, far, o) }()
	link, err := Dial(ctx, o.Node, near)
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() {
		_ = link.Close()
		Eventually(served).Should(Receive())
	})
	return link
}

// refused reports whether an agent answered a request with an error.
func refused(err error) bool { return slices.Contains(reason.Codes(err), "agent-refused") }

// controlled gives the unix socket of a control that h answers until the spec ends.
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

// liesWithin checks that the interval of an effect lies between an instant and now.
func liesWithin(e *Effect, from int64) {
	GinkgoHelper()
	Expect(e.At - e.Uncertainty.Nanoseconds()).To(BeNumerically(">=", from))
	Expect(e.At + e.Uncertainty.Nanoseconds()).To(BeNumerically("<=", proxy.Monotonic()))
}
