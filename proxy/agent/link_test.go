package agent

import (
	"bufio"
	"context"
	"io"
	"net"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
)

// asking is a handler that uses its link in Event.
type asking struct {
	link *Link
	got  chan string
}

func (a *asking) Event(e proxy.Event) {
	_ = a.link.Err()
	a.got <- e.Text
}

func (a *asking) Samples(string, []load.Sample) {}

var _ = Describe("the first words of an agent", func() {
	It("are missing if the program is no agent", func(ctx context.Context) {
		near, far := net.Pipe()
		Expect(far.Close()).To(Succeed())
		_, err := Dial(ctx, "proxy-a", near)
		Expect(reason.Codes(err)).To(Equal([]string{"node-not-started"}))
		Expect(err).To(MatchError(io.EOF))
	}, SpecTimeout(patience))
})

var _ = Describe("a handler of a link", func() {
	It("may use the link, and gets earlier events first and in order", func(ctx context.Context) {
		near, far := net.Pipe()
		DeferCleanup(far.Close)
		out := frameWriter{w: far}
		tell := func(text string) {
			GinkgoHelper()
			Expect(out.writeJSON(frameEvent, proxy.Event{Kind: proxy.EventPhase, Text: text})).To(Succeed())
		}
		go func() {
			defer GinkgoRecover()
			Expect(out.writeJSON(frameHello, Hello{})).To(Succeed())
			tell("1")
			tell("2")
			kind, _, _, err := readFrame(bufio.NewReader(far), nil) // the link has read both by then
			Expect([]any{kind, err}).To(Equal([]any{byte(frameRequest), nil}))
			Expect(out.writeJSON(frameResponse, Response{ID: 1})).To(Succeed())
		}()
		link, err := Dial(ctx, "office", near)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(link.Close)
		_, _, _, err = link.Now(ctx)
		Expect(err).NotTo(HaveOccurred())
		h := &asking{link, make(chan string, 3)}
		subscribed := make(chan struct{})
		go func() { link.Subscribe(h); close(subscribed) }()
		Eventually(ctx, subscribed).Should(BeClosed())
		tell("3")
		for _, want := range []string{"1", "2", "3"} {
			Eventually(ctx, h.got).Should(Receive(Equal(want)))
		}
	}, SpecTimeout(2*patience))
})
