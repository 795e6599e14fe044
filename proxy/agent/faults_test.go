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
	DescribeTable("takes no effect where there is nothing left to strike", func(ctx context.Context, kind proxy.FaultKind) {
		h := newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		h.services = []*service{newService(proxy.Process{Service: "squid"}, h.o, h.starts, h.event)}
		_, err := h.inject(ctx, Fault{ID: "f1", Kind: kind, Service: "squid"})
		Expect(err).To(MatchError("service squid does not run"))
	},
		Entry("crash", proxy.Crash),
		Entry("hang", proxy.Hang),
	)
})

var _ = Describe("the instants between which a condition came true", func() {
	It("are those of the last look that did not see it and the first that did", func(ctx context.Context) {
		var looks []int64
		found, err := pollBetween(ctx, "three looks", 1, func() bool {
			looks = append(looks, proxy.Monotonic())
			return len(looks) == 3
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(found.Before).To(And(BeNumerically(">", looks[0]), BeNumerically("<=", looks[1])))
		Expect(found.After).To(BeNumerically(">=", looks[2]))
	}, SpecTimeout(2*patience))
	It("begin with the one given where the first look sees it", func(ctx context.Context) {
		found, err := pollBetween(ctx, "nothing", 1, func() bool { return true })
		Expect([]any{found.Before, err}).To(Equal([]any{int64(1), nil}))
	})
	It("are none when the time is over", func(ctx context.Context) {
		brief, cancel := context.WithCancel(ctx)
		_, err := pollBetween(brief, "for ever", 1, func() bool { cancel(); return false })
		Expect(err).To(MatchError("for ever: context canceled"))
	}, SpecTimeout(2*patience))
})

var _ = Describe("the processes of a service", func() {
	It("have ended when the kernel takes them down, have stopped when they are frozen, and are left alone otherwise", func(ctx context.Context) {
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
		Expect([]bool{allEnded(pids), allStopped(pids)}).To(Equal([]bool{true, true}), "nothing is left")
	}, SpecTimeout(2*patience))
})

var _ = Describe("the instant from which on a port refuses", func() {
	It("lies between the last connect that was not refused and the first that was", func(ctx context.Context) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		closing := make(chan [2]int64, 1)
		go func() {
			if c, err := l.Accept(); err == nil { // it has been seen to accept
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
