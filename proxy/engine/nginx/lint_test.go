package nginx_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// sound is a file without a finding.
const sound = `http {
 upstream u {
  zone u 64k;
  server 10.0.0.1:80;
  server 10.0.0.2:80;
 }
 server {
  proxy_connect_timeout 2s;
  location / { proxy_pass http://u; }
 }
}
`

var _ = DescribeTable("a rule finds", func(old, now string, want ...string) {
	Expect(read(sound).Lint()).To(BeEmpty())
	Expect(sound).To(ContainSubstring(old))
	var codes []string
	for _, f := range read(strings.Replace(sound, old, now, 1)).Lint() {
		codes = append(codes, fmt.Sprintf("%d:%d %s", f.At.Line, f.At.Col, f.Code))
		Expect(f.Why).NotTo(BeEmpty())
		Expect(f.Cure).NotTo(BeEmpty())
	}
	Expect(codes).To(Equal(want))
},
	Entry("one server", "  server 10.0.0.2:80;\n", "", "2:11 single-server"),
	Entry("one address", "http://u;", "http://10.0.0.9:80;", "9:27 single-server", "2:11 unused-upstream"),
	Entry("no other server", "  location /", "  proxy_next_upstream off;\n  location /", "9:3 no-redispatch"),
	Entry("one try", "  location /", "  proxy_next_upstream_tries 1;\n  location /", "9:29 no-redispatch"),
	Entry("no time for another server", "  location /", "  proxy_next_upstream_timeout 2s;\n  location /", "9:31 next-server-too-late"),
	Entry("a long time to connect", "  proxy_connect_timeout 2s;\n", "", "8:27 connect-timeout-long"),
	Entry("no failure counts", "10.0.0.2:80", "10.0.0.2:80 max_fails=0", "5:22 never-aside"),
	Entry("a name", "10.0.0.2:80", "t.example:80", "5:10 name-at-start"),
)

var _ = It("a rule finds connections whose server may freeze", func() {
	c := read("stream { upstream u { server 10.0.0.1:1; server 10.0.0.2:1; } server { listen 1; proxy_connect_timeout 1s; proxy_pass u; } }")
	Expect(c.Lint()).To(HaveExactElements(HaveField("Code", "hang-undetected")))
})

var _ = DescribeTable("a rule finds workers that count for themselves", func(workers string, zone bool, want int) {
	text := "worker_processes " + workers + ";\n" + sound
	if !zone {
		text = strings.Replace(text, "zone u 64k;", "", 1)
	}
	Expect(read(text).Lint()).To(HaveLen(want))
},
	Entry("with a zone", "4", true, 0),
	Entry("without", "4", false, 1),
	Entry("one for each processor", "auto", false, 1),
	Entry("one worker", "1", false, 0),
)
