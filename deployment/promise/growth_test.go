package promise_test

import (
	"fmt"
	"runtime"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/deployment/promise"
)

// servers repeats a line, with its number for N and an address for ADDR.
func servers(n int, line string) string {
	var text strings.Builder
	for i := range n {
		text.WriteString(strings.NewReplacer("N", fmt.Sprint(i), "ADDR", fmt.Sprintf("10.20.%d.%d", i/250, i%250+1)).Replace(line))
	}
	return text.String()
}

// work gives the bytes that are allocated to find, load and predict a file. They do not depend on how busy the machine is.
func work(file, text string) float64 {
	GinkgoHelper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	sys := read(map[string]string{file: text}, "front=10.250.0.1")
	all := promise.Predict(sys, promise.Faults(sys), promise.Assumptions{Rate: 20})
	runtime.ReadMemStats(&after)
	Expect(all).NotTo(BeEmpty())
	return float64(after.TotalAlloc - before.TotalAlloc)
}

var _ = DescribeTable("four times as many servers are four times the work", func(file, head, line, tail string) {
	few, many := work(file, head+servers(150, line)+tail), work(file, head+servers(600, line)+tail)
	Expect(many / few).To(BeNumerically("<", 6)) // 7-26, if each fault looks at each server
},
	Entry("of a backend", "haproxy.cfg", "defaults\n timeout connect 5s\nlisten a\n bind :3128\n option redispatch\n", " server sN ADDR:3128 check inter 3s\n", ""),
	Entry("of a backend without checks", "haproxy.cfg", "listen a\n bind :3128\n", " server sN ADDR:3128\n", ""),
	Entry("each in a backend", "haproxy.cfg", "frontend f\n bind :3128\n default_backend b0\n"+servers(600, " use_backend bN if { src 10.N }\n"), "backend bN\n server sN ADDR:3128 check\n", ""),
	Entry("of an upstream", "nginx.conf", "events { }\nhttp {\nserver { listen 80; location / { proxy_pass http://u; } }\nupstream u {\n", "server ADDR:8080;\n", "}\n}\n"),
	Entry("of a Squid", "squid.conf", "http_port 3128\nnever_direct allow all\n", "cache_peer ADDR parent 3128 0 no-query round-robin name=pN\n", ""),
)

var _ = It("joins what thousands of servers have alike, and names twenty of them", func() {
	sys := read(map[string]string{"haproxy.cfg": "defaults\n timeout connect 5s\nlisten a\n bind :3128\n option redispatch\n" + servers(600, " server sN ADDR:3128 check\n")},
		"front=10.250.0.1")
	groups := promise.Alike(promise.Predict(sys, promise.Faults(sys), promise.Assumptions{Rate: 20}))
	Expect(len(groups)).To(BeNumerically("<=", 6))
	Expect(groups[5].Name()).To(HavePrefix("hang of any of 600: s0, s1, "))
	Expect(groups[5].Name()).To(HaveSuffix("s19 and 580 more"))
	Expect(groups[5].Example).To(BeTrue())
})
