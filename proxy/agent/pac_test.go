package agent

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
)

var _ = It("an agent survives a PAC file that fails under load, and reports the cause", func(ctx context.Context) {
	link := linked(ctx, Options{})
	err := link.Load(ctx, load.Spec{
		Start: load.Monotonic(), Duration: 10 * time.Second, Rate: 100, Users: 1, Origins: []string{"web.test"}, HTTPPort: 8080,
		Timeout: time.Second, Nodes: []string{"proxy-a"}, Allowed: []string{"127.0.0.0/8"}, BodyBytes: 10,
		PAC: &load.PAC{
			Browser: "chrome", Hosts: map[string]string{"proxy-a": "127.0.0.1"},
			Script: `function FindProxyForURL(url) { if (/\/o\//.test(url)) new ArrayBuffer(8e9); return "PROXY proxy-a:1" }`,
		},
	})
	Expect(reason.Codes(err)).To(HaveExactElements("pac-failed"))
	Expect(err).To(MatchError(ContainSubstring("the PAC file failed for http://web.test:8080/o/")))
	_, _, _, err = link.Now(ctx)
	Expect(err).NotTo(HaveOccurred(), "the agent lives")
}, SpecTimeout(2*patience))
