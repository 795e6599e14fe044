package builtin

import (
	"context"
	"net"
	"net/http"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("an origin that refuses", func() {
	// from requests an object with one of this process's addresses, and gives the status.
	from := func(own, addr string) int {
		GinkgoHelper()
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(own)}}
		transport := &http.Transport{DisableKeepAlives: true, DialContext: dialer.DialContext}
		response, err := (&http.Client{Transport: transport}).Get("http://" + addr + "/o/10/x")
		Expect(err).NotTo(HaveOccurred())
		Expect(response.Body.Close()).To(Succeed())
		return response.StatusCode
	}

	It("refuses only the addresses that its control lists", func(ctx context.Context) {
		cfg, _ := originConfig()
		cfg.Refusing = controlName()
		plain, secure := socket(), socket()
		start(OriginMain, cfg, plain, secure)
		addr := plain.Addr().String()
		Eventually(func() error { return proxy.Greet(ctx, cfg.Refusing) }).Should(Succeed())

		Expect(proxy.Refuse(ctx, cfg.Refusing, loopback(1), 403)).To(Succeed())
		Expect(proxy.Refuse(ctx, cfg.Refusing, loopback(2), 429)).To(Succeed())
		Expect(from(loopback(1), addr)).To(Equal(403))
		Expect(from(loopback(2), addr)).To(Equal(429))
		Expect(from(loopback(3), addr)).To(Equal(200))

		Expect(proxy.Refuse(ctx, cfg.Refusing, loopback(1), 0)).To(Succeed())
		Expect(from(loopback(1), addr)).To(Equal(200))
		Expect(from(loopback(2), addr)).To(Equal(429))

		Expect(proxy.Refuse(ctx, cfg.Refusing, "web", 403)).To(MatchError(ContainSubstring("400 Bad Request")))
		Expect(proxy.Refuse(ctx, cfg.Refusing, loopback(1), 200)).To(MatchError(ContainSubstring("400 to 599")))
	}, SpecTimeout(2*patience))
})
