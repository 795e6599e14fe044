package agent

import (
	"context"
	"net"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("a port that closes", func() {
	It("is known to the moment, and by nobody's connection", func(ctx context.Context) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		closed := followClosing(ctx, l.Addr().String())
		early := proxy.Monotonic()
		Expect(l.Close()).To(Succeed())
		late := proxy.Monotonic()
		before, after, err := closed()
		Expect(err).NotTo(HaveOccurred())
		Expect(before).To(BeNumerically("<=", late))
		Expect(after).To(BeNumerically(">=", early))
		Expect(after).To(BeNumerically(">=", before))
	}, SpecTimeout(10*time.Second))

	It("is nothing where there is none, and stays open for as long as somebody listens", func(ctx context.Context) {
		before, after, err := followClosing(ctx, "")()
		Expect([]any{before, after, err}).To(Equal([]any{int64(0), int64(0), nil}))
		l, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		_, _, err = followClosing(brief, l.Addr().String())()
		Expect(err).To(MatchError(ContainSubstring("is still listened at")))
	}, SpecTimeout(10*time.Second))
})
