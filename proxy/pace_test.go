package proxy_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("the pace of an origin", func() {
	// control serves an origin's control and gives its socket.
	control := func(answer func(w http.ResponseWriter, asked string)) string {
		return served(func(w http.ResponseWriter, r *http.Request) {
			asked, err := io.ReadAll(r.Body)
			if r.Method != http.MethodPut || err != nil {
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			}
			answer(w, string(asked))
		})
	}

	It("is set when the origin confirms it", func(ctx context.Context) {
		at := control(func(w http.ResponseWriter, asked string) { _, _ = io.WriteString(w, asked+"\n") })
		Expect(proxy.SlowDown(ctx, at, 250*time.Millisecond)).To(Succeed())
		Expect(proxy.SlowDown(ctx, at, 0)).To(Succeed())
	})

	DescribeTable("is not set without a confirmation", func(ctx context.Context, answer func(http.ResponseWriter, string), want string) {
		Expect(proxy.SlowDown(ctx, control(answer), 250*time.Millisecond)).To(MatchError(ContainSubstring(want)))
	},
		Entry("another delay", func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "1s") }, `"1s": want 250ms`),
		Entry("no delay", func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "gladly") }, `"gladly": want 250ms`),
		Entry("an error", func(w http.ResponseWriter, _ string) { http.Error(w, "no", http.StatusBadRequest) }, "400 Bad Request: no"),
	)

	It("is not set when the origin does not answer", func(ctx context.Context) {
		socket := controlName()
		l, err := proxy.ListenControl(socket)
		Expect(err).NotTo(HaveOccurred())
		Expect(l.Close()).To(Succeed())
		Expect(proxy.SlowDown(ctx, socket, time.Second)).To(MatchError(ContainSubstring("connection refused")))
	})
})

var _ = Describe("a request to a service", func() {
	It("gives the text of a good answer without surrounding space", func(ctx context.Context) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "  "+r.URL.Path+"\n\n") }))
		DeferCleanup(server.Close)
		Expect(proxy.Ask(ctx, server.URL+"/menu")).To(Equal("/menu"))
	})

	It("quotes the start of an error page", func(ctx context.Context) {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, strings.Repeat("x", 1000), 500) }))
		DeferCleanup(server.Close)
		_, err := proxy.Ask(ctx, server.URL)
		Expect(err).To(MatchError("500 Internal Server Error: " + strings.Repeat("x", 200)))
		_, err = proxy.Ask(ctx, "no url\n")
		Expect(err).To(HaveOccurred())
	})
})
