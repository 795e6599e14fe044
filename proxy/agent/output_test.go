package agent

import (
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
)

var _ = Describe("the output of a service", func() {
	It("reports once that a server is set aside, with its name and the time", func() {
		const line = `2026/11/25 14:40:00 [warn] 7#7: *5 upstream server temporarily disabled while connecting to upstream, client: 10.0.0.3, upstream: "10.0.0.21:3128", bytes` + "\n"
		var got []proxy.Event
		p := proxy.Process{Service: "balancer", Events: nginx.Engine.Events, Names: map[string]string{"10.0.0.21:3128": "proxy-a"}, Aside: time.Minute}
		s := newService(p, Options{Log: GinkgoWriter}, nil, func(e proxy.Event) { got = append(got, e) })
		other := strings.Replace(line, "10.0.0.21", "10.0.0.22", 1)
		s.lines(strings.NewReader(line+line+other+line), true)
		Expect(got).To(HaveExactElements(
			And(HaveField("Subject", "proxy-a"), HaveField("Service", "balancer"), HaveField("For", time.Minute)),
			HaveField("Subject", "10.0.0.22:3128")))
	})
})
