package agent

import (
	"context"
	"io"
	"net"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("a fault of a service", func() {
	DescribeTable("takes no effect where there is nothing left to strike", func(ctx context.Context, kind string) {
		h := newHost(Options{Log: io.Discard}, func(proxy.Event) {})
		h.services = []*service{newService(proxy.Process{Service: "squid"}, h.o, h.starts, h.event)}
		_, err := h.inject(ctx, Fault{ID: "f1", Kind: kind, Service: "squid"})
		Expect(err).To(MatchError("service squid does not run"))
	},
		Entry("crash", faultCrash),
		Entry("hang", faultHang),
	)
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
		before, after, err := awaitRefused(ctx, l.Addr().String(), from)
		Expect(err).NotTo(HaveOccurred())
		closed := <-closing
		Expect(before).To(And(BeNumerically(">=", from), BeNumerically("<=", closed[1])))
		Expect(after).To(BeNumerically(">=", closed[0]))
	})
})

var _ = It("a link stops to flap when its node ends", func() {
	h := newHost(Options{Log: io.Discard}, func(proxy.Event) {})
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	h.flaps["f1"] = &flapping{stop: stop, done: make(chan struct{})}
	h.end()
	Expect(ctx.Err()).To(MatchError(context.Canceled))
})
