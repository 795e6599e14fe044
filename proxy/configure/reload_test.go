package configure_test

import (
	"regexp"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// The lines are of HAProxy 2.6.12, nginx 1.22.1, Squid 5.7 and keepalived 2.2.7.
var _ = DescribeTable("recognizes the log lines of a reload",
	func(node, service, begun, accepted, refused string) {
		t := sample()
		t.Nodes[1].Services[0] = passive()
		r := process(configured(t, containers()), node, service).Reload
		Expect(r).NotTo(BeNil())
		yes, no := regexp.MustCompile(r.Accepted), regexp.MustCompile(r.Refused)
		Expect(yes.MatchString(accepted) && no.MatchString(refused)).To(BeTrue())
		first := regexp.MustCompile(r.Begun)
		Expect([]bool{first.MatchString(begun), first.MatchString(accepted), first.MatchString(refused)}).To(Equal([]bool{true, false, false}))
		Expect(yes.MatchString(refused) || no.MatchString(accepted)).To(BeFalse())
		Expect(r.Spoil).To(HaveSuffix("\n"))
	},
	Entry("HAProxy", "lb-a", "balancer", `[NOTICE]   (10) : Reloading HAProxy`, `[NOTICE]   (10) : Loading success.`, `[WARNING]  (10) : Loading failure!`),
	Entry("nginx", "lb-b", "balancer", `2026/11/27 22:21:44 [notice] 38#38: reconfiguring`, `2026/11/25 14:56:09 [notice] 18#18: start worker process 146`,
		`2026/11/25 14:56:02 [emerg] 18#18: unknown directive "no" in /run/spof/balancer.conf:46`),
	Entry("Squid", "proxy-a", "squid", `2026/11/27 22:21:41| Reconfiguring Squid Cache (version 5.7)...`,
		`2026/11/25 14:50:49| Accepting HTTP Socket connections at conn5 local=0.0.0.0:3128 remote=[::] FD 9 flags=9`,
		`2026/11/25 14:55:01| FATAL: http_port: missing Port: no-such-port`),
	Entry("keepalived", "lb-a", "keepalived", `Fri Nov 27 22:21:37 2026: Reloading ...`, `Wed Nov 25 14:50:10 2026: Reload complete`,
		`Wed Nov 25 14:56:47 2026: There are 1 missing '}'s or extra '{'s`),
)

var _ = It("has no reload of builtin programs", func() {
	site := containers()
	site.Builtin = true
	Expect(process(configured(sample(), site), "proxy-a", "squid").Reload).To(BeNil())
	Expect(process(configured(sample(), site), "proxy-a", "keepalived").Reload).To(BeNil())
})
