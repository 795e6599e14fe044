package proxy_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

var _ = Describe("Probe", func() {
	const timeout = 5 * time.Second

	DescribeTable("judges an HTTP answer by its status",
		func(ctx SpecContext, status int, want error) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
			DeferCleanup(server.Close)
			err := proxy.Probe(ctx, topology.CheckHTTP, server.URL+proxy.HealthPath, timeout)
			if want == nil {
				Expect(err).NotTo(HaveOccurred())
			} else {
				Expect(err).To(MatchError(want))
			}
		},
		Entry("healthy", http.StatusOK, nil),
		Entry("a redirect is healthy, and not followed", http.StatusFound, nil),
		Entry("a client error is healthy", http.StatusForbidden, nil),
		Entry("unhealthy", http.StatusServiceUnavailable, proxy.ErrUnhealthy),
	)

	It("detects a frozen service by http, but not by tcp", func(ctx SpecContext) {
		frozen, err := net.Listen("tcp", "127.0.0.1:0") // the kernel accepts, no program answers
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(frozen.Close)
		addr := frozen.Addr().String()
		Expect(proxy.Probe(ctx, topology.CheckTCP, addr, timeout)).To(Succeed())
		Expect(proxy.Probe(ctx, topology.CheckHTTP, "http://"+addr+"/", 50*time.Millisecond)).To(MatchError(context.DeadlineExceeded))
	})

	It("requests an origin's page through a proxy, and judges its status", func(ctx SpecContext) {
		status := http.StatusOK
		asked := ""
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.RequestURI
			w.WriteHeader(status)
		}))
		DeferCleanup(server.Close)
		target := "http://web.test:8080/o/0/check@" + server.Listener.Addr().String()
		Expect(proxy.Probe(ctx, topology.CheckOrigin, target, timeout)).To(Succeed())
		Expect(asked).To(Equal("http://web.test:8080/o/0/check"))
		status = http.StatusBadGateway // the proxy works, the origin does not
		Expect(proxy.Probe(ctx, topology.CheckOrigin, target, timeout)).To(MatchError(proxy.ErrUnhealthy))
		Expect(proxy.Probe(ctx, topology.CheckOrigin, "http://web.test/", timeout)).To(MatchError(ContainSubstring("want URL@HOST:PORT")))
	})

	It("fails when the port is closed", func(ctx SpecContext) {
		closed, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		addr := closed.Addr().String()
		Expect(closed.Close()).To(Succeed())
		Expect(proxy.Probe(ctx, topology.CheckTCP, addr, timeout)).To(MatchError(syscall.ECONNREFUSED))
		Expect(proxy.Probe(ctx, topology.CheckHTTP, "http://"+addr+"/", timeout)).To(MatchError(syscall.ECONNREFUSED))
	})

	It("refuses an unknown kind", func(ctx SpecContext) {
		Expect(proxy.Probe(ctx, "udp", "127.0.0.1:1", timeout)).To(MatchError(ContainSubstring(`kind "udp"`)))
	})
})
