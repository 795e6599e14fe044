package sim_test

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// behindName is dns-failover with timers that do not make a test wait.
const behindName = `
topology: behind-name
nodes:
  proxy-a: {services: {squid: {engine: squid, port: 3128}}}
  proxy-b: {services: {squid: {engine: squid, port: 3128}}}
  ns:
` + answering + `
wan: {isp: {latency: 0ms}}
origins: {web: {}}
users: {office: {count: 20, dns: {servers: [ns]}}}
`

// answering is a DNS server of behindName.
const answering = `    services:
      dns:
        engine: builtin
        port: 5300
        dns: {name: proxy, records: [proxy-a, proxy-b], port: 3128, ttl: 1s, check: {kind: http, interval: 400ms, timeout: 400ms, fall: 2, rise: 2}}
`

var _ = Describe("users who have a second DNS server, on loopback", Ordered, func() {
	const wait = 400 * time.Millisecond
	var p played
	BeforeAll(func(ctx context.Context) {
		pair := strings.NewReplacer("wan:", "  ns-b:\n"+answering+"wan:", "[ns]", "[ns, ns-b], timeout: "+wait.String()).Replace(behindName)
		p = play(ctx, onLocal(), pair, []act{
			{name: "dead", fault: "kind: dns-failure, target: serving", during: 3 * time.Second, then: 2 * time.Second},
			{name: "servfail", fault: "kind: dns-failure, target: serving, mode: servfail", during: 3 * time.Second, then: 2 * time.Second},
			{name: "silent", fault: "kind: dns-failure, target: serving, mode: silent", during: 3 * time.Second, then: 2 * time.Second},
		})
	}, NodeTimeout(2*time.Minute))
	// slow counts the requests that a question to ns and then to ns-b may have held up while the fault lasts.
	slow := func(t *trace.Trace) (n int) {
		from, to := find(t, proxy.EventFaultEffect, 0).At, find(t, proxy.EventRecoverAsked, 0).At
		for _, s := range t.Samples {
			if at := t.Header.Epoch + s.Scheduled; at > from && at < to && time.Duration(s.Done)*time.Microsecond > wait {
				n++
			}
		}
		return n
	}

	DescribeTable("ask it at once where the first says that it cannot", func(act string) {
		t := p.one(act)
		Expect(outcomes(t, t.Header.Epoch, find(t, proxy.EventRecoverAsked, 0).At)).NotTo(HaveKey(load.NoName))
		Expect(slow(t)).To(BeNumerically("<", 5), "but for what a busy machine holds up")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).To(HaveValue(BeNumerically("<=", result.FailoverUncertaintyMS)), "no outage that could be told from none")
		Expect(result.Predicted.Inside).To(BeTrue(), result.Predicted.Text)
	}, Entry(nil, "dead"), Entry(nil, "servfail"))

	It("ask it each time after the timeout of a first that says nothing", func() {
		t := p.one("silent")
		Expect(outcomes(t, t.Header.Epoch, find(t, proxy.EventRecoverAsked, 0).At)).NotTo(HaveKey(load.NoName))
		Expect(slow(t)).To(BeNumerically(">", 20), "each of 20 users once in a TTL, and more")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).To(HaveValue(BeNumerically("<=", result.FailoverUncertaintyMS)), "slow, but served")
	})
})

var _ = Describe("users behind a name, on loopback", Ordered, func() {
	var p played
	BeforeAll(func(ctx context.Context) {
		p = play(ctx, onLocal(), behindName, []act{
			{name: "power-loss", fault: "kind: power-loss, target: proxy-a", during: 4 * time.Second, then: 2 * time.Second},
			{name: "dns-failure", fault: "kind: dns-failure, target: serving", during: 4 * time.Second, then: 2 * time.Second},
		})
	}, NodeTimeout(2*time.Minute))

	It("follow its records when they are withdrawn and their answers too old", func() {
		t := p.one("power-loss")
		effect := find(t, proxy.EventFaultEffect, 0)
		withdrawn := find(t, proxy.EventRecord, effect.At)
		Expect([]string{withdrawn.Node, withdrawn.Subject, withdrawn.State}).To(Equal([]string{"ns", "proxy-a", proxy.RecordWithdrawn}))
		result := analyze.TrialOf(t)
		Expect(result.EndedBy).To(Equal(analyze.EndedByMechanism))
		Expect(result.Split).NotTo(BeNil())
		Expect(*result.Split.Detect).To(BeNumerically("~", float64(withdrawn.At-effect.At)/1e6, 0.001))
		Expect(*result.FailoverMS).To(BeNumerically(">", *result.Split.Detect-result.FailoverUncertaintyMS), "users keep the dead address until the TTL is over")
		Expect(find(t, proxy.EventRecord, find(t, proxy.EventRecoverAsked, 0).At).State).To(Equal(proxy.RecordBack))
	})

	It("have none without the DNS server, each when its own answer is too old", func() {
		t := p.one("dns-failure")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect([]string{effect.Node, effect.Service}).To(Equal([]string{"ns", "dns"}))
		result := analyze.TrialOf(t)
		Expect(result.EndedBy).To(Equal(analyze.EndedByRepair))
		Expect(result.Predicted.Never).To(BeTrue())
		repair := find(t, proxy.EventRecoverAsked, 0).At
		Expect(outcomes(t, effect.At+(2*time.Second).Nanoseconds(), repair)).To(HaveKey(load.NoName))
		first := map[uint16]int64{} // request without an answer, by user
		var earliest, latest int64
		for _, s := range t.Samples {
			if _, seen := first[s.User]; s.Outcome == load.NoName && !seen {
				first[s.User] = s.Scheduled
				if earliest == 0 || s.Scheduled < earliest {
					earliest = s.Scheduled
				}
				latest = max(latest, s.Scheduled)
			}
		}
		Expect(first).To(HaveLen(20), "all users")
		Expect(t.Header.Epoch + earliest).To(BeNumerically(">", effect.At-(200*time.Millisecond).Nanoseconds()))
		Expect(time.Duration(latest-earliest)).To(BeNumerically(">", 300*time.Millisecond), "users whose answers are of one age")
		back := find(t, proxy.EventRecoverEffect, 0).At + (500 * time.Millisecond).Nanoseconds()
		Expect(outcomes(t, back, back+time.Second.Nanoseconds())).NotTo(HaveKey(load.NoName))
	})
})
