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

// browsers is two groups that choose by PAC files: the office, users 0 to 9, has another proxy; the lab, users 10 to 19,
// has a way of its own.
const browsers = `
topology: browsers
about: Chrome with two proxies, Firefox with one and a way past it.
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

// ways counts how the good answers came to requests that lived between two instants: the node that served, or DIRECT. Some come
// out of a tunnel, and then only a node that is the way's own is known.
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

// chooses is what users owe who choose their way by a PAC file.
func chooses(s *stage) {
	It("leaves a proxy that refuses within the same request, for another or for none", func() {
		t := s.one("refusing")
		fault, repair := find(t, proxy.EventFaultEffect, 0), find(t, proxy.EventRecoverEffect, 0)
		const grace = unsharp // for what is in flight, and the service's last moment
		effect, repaired := latest(fault), earliest(repair)
		Expect(ways(t, t.Header.Epoch, earliest(fault)-inFlight, 0, 20)).To(And(HaveLen(1), HaveKey("proxy-a")), "all prefer it")
		Expect(ways(t, effect+grace, repaired-grace, 0, 10)).To(And(HaveLen(1), HaveKey("proxy-b")))
		Expect(ways(t, effect+grace, repaired-grace, 10, 20)).To(And(HaveLen(1), HaveKey("DIRECT")))
		allServed(t, effect+grace, repaired-grace, everyone, "nobody notices")
		result := analyze.TrialOf(t)
		Expect(result.Bypassed).To(BeNumerically(">=", ways(t, effect+grace, repaired-grace, 10, 20)["DIRECT"]))
		Expect(result.Reasons).To(ContainElement(ContainSubstring("bypassed")))

		// Chrome has set it aside for minutes; Firefox, without any other, tries it again each time.
		Expect(ways(t, latest(repair)+grace, ever, 0, 10)).To(And(HaveLen(1), HaveKey("proxy-b")))
		Expect(ways(t, latest(repair)+grace, ever, 10, 20)).To(HaveKey("proxy-a"))
		aside := func(e trace.Event) bool { return e.Kind == load.EventPACBad && e.Subject == "proxy-a" }
		Expect(slices.ContainsFunc(t.Events, aside)).To(BeTrue())
	})

	It("waits for its connect timeout where a proxy is silent", func() {
		t := s.one("silent")
		effect, repair := find(t, proxy.EventFaultEffect, 0).At, find(t, proxy.EventRecoverAsked, 0).At
		hung := effect + (2500 * time.Millisecond).Nanoseconds() // kept connections are given up by then
		Expect(outcomes(t, effect, hung)).To(HaveKey(load.Timeout), "kept connections hang")
		Expect(outcomes(t, effect, hung)).NotTo(HaveKey(load.Refused))
		Expect(ways(t, hung, repair, 0, 10)).To(And(HaveLen(1), HaveKey("proxy-b")))
		Expect(ways(t, hung, repair, 10, 20)).To(And(HaveLen(1), HaveKey("DIRECT")))
		for _, r := range t.Samples { // each new connection of Firefox tries the silent one again
			if from, to := life(t, r); from >= hung && to < repair && r.User >= 10 && r.Flags&(load.Reused|load.Retried) == 0 {
				Expect(time.Duration(r.Done) * time.Microsecond).To(BeNumerically(">=", 500*time.Millisecond))
			}
		}
	})
}
