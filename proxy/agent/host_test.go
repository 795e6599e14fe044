package agent

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("a node", func() {
	var h *host
	BeforeEach(func() {
		h = newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		DeferCleanup(h.end)
	})

	It("frees the space of disk-full at its end", func() {
		dir := GinkgoT().TempDir()
		f, err := fillerOn(dir)
		Expect(err).NotTo(HaveOccurred())
		h.fillers["f1"] = f
		h.end()
		Expect(os.ReadDir(dir)).To(BeEmpty())
	})

	It("ends the thread that started its services", func(ctx context.Context) {
		cmd := exec.CommandContext(ctx, "sleep", "600")
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		Expect(h.starts.start(cmd)).To(Succeed())
		h.end()
		Expect(cmd.Wait()).To(MatchError("signal: killed"), "the end of the thread kills its children")
		Expect(h.starts.start(exec.CommandContext(ctx, "true"))).To(MatchError(errStopped))
	}, SpecTimeout(patience))

	It("gives its workers while it starts", func(ctx context.Context) {
		started := make(chan error, 1)
		go func() {
			started <- h.start(ctx, proxy.NodeSpec{Node: "a", Shared: true, Processes: []proxy.Process{{Service: "sleep", Command: []string{"sleep", "600"}}}})
		}()
		Eventually(ctx, h.workers).Should(HaveLen(2), "the agent and its service")
		Expect(<-started).To(Succeed())
	}, SpecTimeout(2*patience))

	It("gives its workers while a service prepares", func(ctx context.Context) {
		gate := filepath.Join(GinkgoT().TempDir(), "gate")
		Expect(unix.Mkfifo(gate, 0o600)).To(Succeed())
		s := newService(proxy.Process{Service: "sleep", Command: []string{"sleep", "600"}, Before: []string{"cat", gate}}, h.o, h.starts, h.event)
		h.services = []*service{s}
		booted := make(chan error, 1)
		go func() { booted <- boot(ctx, h) }()
		open, err := os.OpenFile(gate, os.O_WRONLY, 0) // returns when it is read
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { _ = open.Close() })
		seen := make(chan int, 1)
		go func() { seen <- len(h.workers()) }()
		Eventually(ctx, seen).Should(Receive(Equal(1)), "the agent alone")
		Expect(booted).NotTo(Receive())
		Expect(open.Close()).To(Succeed())
		Eventually(ctx, booted).Should(Receive(Succeed()))
		Expect(s.pid()).NotTo(BeZero())
	}, SpecTimeout(2*patience))
})
