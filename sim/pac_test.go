package sim_test

import (
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// browsers has two groups with PAC files: office, users 0 to 9, has a second proxy; lab, users 10 to 19, can connect directly.
const browsers = `
topology: browsers
about: Chrome with two proxies, Firefox with one proxy and DIRECT.
nodes:
  proxy-a: {services: {squid: {engine: squid, port: 3128}}}
  proxy-b: {services: {squid: {engine: squid, port: 3128}}}
wan: {isp: {latency: 0ms}}
origins: {web: {}}
users:
  office:
    count: 10
    pac: {browser: chrome, connect_timeout: 500ms, script: 'function FindProxyForURL(url, host) { return "PROXY proxy-a:3128; PROXY proxy-b:3128"; }'}
  lab:
    count: 10
    pac: {browser: firefox, connect_timeout: 500ms, direct: isp, script: 'function FindProxyForURL(url, host) { return "PROXY proxy-a:3128; DIRECT"; }'}
`

var (
	refusing = act{name: "refusing", fault: "kind: crash, target: proxy-a", during: 2500 * time.Millisecond, then: 2 * time.Second}
	silent   = act{name: "silent", fault: "kind: power-loss, target: proxy-a", during: 4 * time.Second, then: time.Second}
)

// ways counts the served requests that began and ended between two instants, by the serving node or DIRECT. The node of a request in a
// tunnel is not always known.
func ways(t *trace.Trace, from, to int64, first, limit int) map[string]int {
	n := map[string]int{}
	for _, s := range t.Samples {
		user := int(s.User)
		switch due, ended := life(t, s); {
		case due < from || ended >= to || user < first || user >= limit || s.Outcome != load.OK:
		case s.Flags&load.Bypassed != 0:
			n["DIRECT"]++
		case s.Node > 0:
			n[t.Header.Nodes[s.Node-1]]++
		}
	}
	return n
}

// chooses has the specs of users with a PAC file.
func chooses(s *stage) {
	It("leaves a refusing proxy within the same request, for the next proxy or DIRECT", func() {
		t := s.one("refusing")
		fault, repair := find(t, proxy.EventFaultEffect, 0), find(t, proxy.EventRecoverEffect, 0)
		const grace = eventDelay // for requests in flight, and for the end of the service
		effect, repaired := latest(fault), earliest(repair)
		Expect(ways(t, t.Header.Epoch, earliest(fault)-inFlight, 0, 20)).To(And(HaveLen(1), HaveKey("proxy-a")), "all users prefer proxy-a")
		Expect(ways(t, effect+grace, repaired-grace, 0, 10)).To(And(HaveLen(1), HaveKey("proxy-b")))
		Expect(ways(t, effect+grace, repaired-grace, 10, 20)).To(And(HaveLen(1), HaveKey("DIRECT")))
		allServed(t, effect+grace, repaired-grace, everyone, "no user notices")
		result := analyze.TrialOf(t)
		Expect(result.Bypassed).To(BeNumerically(">=", ways(t, effect+grace, repaired-grace, 10, 20)["DIRECT"]))
		Expect(result.Reasons).To(ContainElement(ContainSubstring("bypassed")))

		// Chrome sets the proxy aside for minutes. Firefox has no other proxy and tries it each time.
		Expect(ways(t, latest(repair)+grace, ever, 0, 10)).To(And(HaveLen(1), HaveKey("proxy-b")))
		Expect(ways(t, latest(repair)+grace, ever, 10, 20)).To(HaveKey("proxy-a"))
		aside := func(e trace.Event) bool { return e.Kind == load.EventPACBad && e.Subject == "proxy-a" }
		Expect(slices.ContainsFunc(t.Events, aside)).To(BeTrue())
	})

	It("leaves a silent proxy after the connect timeout", func() {
		t := s.one("silent")
		effect, repair := find(t, proxy.EventFaultEffect, 0).At, find(t, proxy.EventRecoverAsked, 0).At
		hung := effect + (2500 * time.Millisecond).Nanoseconds() // kept connections have timed out by then
		Expect(outcomes(t, effect, hung)).To(HaveKey(load.Timeout), "kept connections hang")
		Expect(outcomes(t, effect, hung)).NotTo(HaveKey(load.Refused))
		Expect(ways(t, hung, repair, 0, 10)).To(And(HaveLen(1), HaveKey("proxy-b")))
		Expect(ways(t, hung, repair, 10, 20)).To(And(HaveLen(1), HaveKey("DIRECT")))
		for _, r := range t.Samples { // each new connection of Firefox tries the silent proxy again
			if from, to := life(t, r); from >= hung && to < repair && r.User >= 10 && r.Flags&(load.Reused|load.Retried) == 0 {
				Expect(time.Duration(r.Done) * time.Microsecond).To(BeNumerically(">=", 500*time.Millisecond))
			}
		}
	})
}
