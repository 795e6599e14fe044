package agent

import (
	"context"
	"io"
	"net"
	"os/exec"
	"syscall"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("a fault of a service", func() {
	DescribeTable("has no effect on a service without processes", func(ctx context.Context, e Executor) {
		h := newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		h.install([]proxy.Process{{Service: "squid"}})
		_, err := h.inject(ctx, e, Fault{ID: "f1", Service: "squid"})
		Expect(err).To(MatchError("service squid is not running"))
	},
		Entry("crash", Crash),
		Entry("hang", Hang),
	)
})

var _ = Describe("the interval in which a condition became true", func() {
	It("is from the last call that gave false to the one that gave true", func(ctx context.Context) {
		var looks []int64
		found, err := pollBetween(ctx, "three looks", 1, func() bool {
			looks = append(looks, proxy.Monotonic())
			return len(looks) == 3
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(found.Before).To(And(BeNumerically(">", looks[0]), BeNumerically("<=", looks[1])))
		Expect(found.After).To(BeNumerically(">=", looks[2]))
	}, SpecTimeout(2*patience))
	It("begins at the given instant if the first call gives true", func(ctx context.Context) {
		found, err := pollBetween(ctx, "nothing", 1, func() bool { return true })
		Expect([]any{found.Before, err}).To(Equal([]any{int64(1), nil}))
	})
	It("is missing if ctx ends first", func(ctx context.Context) {
		brief, cancel := context.WithCancel(ctx)
		_, err := pollBetween(brief, "for ever", 1, func() bool { cancel(); return false })
		Expect(err).To(MatchError("for ever: context canceled"))
	}, SpecTimeout(2*patience))
})

var _ = Describe("the processes of a service", func() {
	It("are seen running, frozen and ended", func(ctx context.Context) {
		cmd := exec.CommandContext(ctx, "sleep", "60")
		Expect(cmd.Start()).To(Succeed())
		pids := []int{cmd.Process.Pid}
		Expect([]bool{allEnded(pids), allStopped(pids), noneStopped(pids)}).To(Equal([]bool{false, false, true}))
		signalAll(pids, syscall.SIGSTOP)
		Expect(poll(ctx, "stop", func() bool { return allStopped(pids) })).To(Succeed())
		Expect([]bool{allEnded(pids), noneStopped(pids)}).To(Equal([]bool{false, false}))
		signalAll(pids, syscall.SIGKILL)
		Expect(poll(ctx, "end", func() bool { return allEnded(pids) })).To(Succeed())
		Expect(awaitDead(ctx, pids)).To(Succeed())
		Expect(cmd.Wait()).To(MatchError("signal: killed"))
		Expect([]bool{allEnded(pids), allStopped(pids)}).To(Equal([]bool{true, true}), "no process is left")
	}, SpecTimeout(2*patience))
})

var _ = Describe("the instant at which a port begins to refuse", func() {
	It("lies between the last connect that was accepted and the first that was refused", func(ctx context.Context) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		closing := make(chan [2]int64, 1)
		go func() {
			if c, err := l.Accept(); err == nil { // after a successful connect
				_ = c.Close()
			}
			from := proxy.Monotonic()
			_ = l.Close()
			closing <- [2]int64{from, proxy.Monotonic()}
		}()
		from := proxy.Monotonic()
		found, err := awaitRefused(ctx, l.Addr().String(), from)
		Expect(err).NotTo(HaveOccurred())
		closed := <-closing
		Expect(found.Before).To(And(BeNumerically(">=", from), BeNumerically("<=", closed[1])))
		Expect(found.After).To(BeNumerically(">=", closed[0]))
	})
})
