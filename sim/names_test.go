package sim_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// behindName is the design dns-failover with fast timers.
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

var _ = Describe("users behind a name, on loopback", Ordered, ContinueOnFailure, func() {
	const users, wait = 20, 600 * time.Millisecond
	failing := func(name, mode string) act {
		return act{name: name, fault: "kind: dns-failure, target: serving, mode: " + mode, during: 3 * time.Second, then: 2 * time.Second}
	}
	pair := strings.NewReplacer("wan:", "  ns-b:\n"+answering+"wan:", "[ns]", "[ns, ns-b], timeout: "+wait.String()).Replace(behindName)
	two := &stage{runtime: onLocal, topo: pair, acts: []act{failing("dead", "dead"), failing("servfail", "servfail"), failing("silent", "silent")}}
	one := &stage{runtime: onLocal, topo: behindName, acts: []act{
		{name: "power-loss", fault: "kind: power-loss, target: proxy-a", during: 4 * time.Second, then: 2 * time.Second},
		{name: "dns-failure", fault: "kind: dns-failure, target: serving", during: 4 * time.Second, then: 5 * time.Second},
	}}
	BeforeAll(func(ctx context.Context) { play(ctx, two, one) }, NodeTimeout(2*time.Minute))

	// waited are the users with a request that took longer than a DNS timeout during the fault.
	waited := func(t *trace.Trace) map[uint16]bool {
		from, to := find(t, proxy.EventFaultEffect, 0).At, find(t, proxy.EventRecoverAsked, 0).At
		held := map[uint16]bool{}
		for _, s := range t.Samples {
			if at := t.Header.Epoch + s.Scheduled; at > from && at < to && time.Duration(s.Done)*time.Microsecond > wait {
				held[s.User] = true
			}
		}
		return held
	}

	DescribeTable("ask the second server at once if the first one refuses or answers SERVFAIL", func(act string) {
		t := two.one(act)
		Expect(outcomes(t, t.Header.Epoch, find(t, proxy.EventRecoverAsked, 0).At)).NotTo(HaveKey(load.NoName))
		Expect(len(waited(t))).To(BeNumerically("<", users), "a busy machine delays some users, a timeout delays all")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).To(HaveValue(BeNumerically("<=", result.FailoverUncertaintyMS)), "no measurable outage")
		Expect(result.Predicted.Inside).To(BeTrue(), result.Predicted.Text)
	}, Entry(nil, "dead"), Entry(nil, "servfail"))

	It("ask the second server after a timeout, each time, if the first one is silent", func() {
		t := two.one("silent")
		Expect(outcomes(t, t.Header.Epoch, find(t, proxy.EventRecoverAsked, 0).At)).NotTo(HaveKey(load.NoName))
		Expect(waited(t)).To(HaveLen(users), "each user once per TTL")
		result := analyze.TrialOf(t)
		Expect(result.FailoverMS).To(HaveValue(BeNumerically("<=", result.FailoverUncertaintyMS)), "slow, but served")
	})

	It("leave a withdrawn record when their answers are expired", func() {
		t := one.one("power-loss")
		effect := find(t, proxy.EventFaultEffect, 0)
		withdrawn := find(t, proxy.EventRecord, effect.At)
		Expect([]string{withdrawn.Node, withdrawn.Subject, string(withdrawn.State)}).To(Equal([]string{"ns", "proxy-a", string(proxy.RecordWithdrawn)}))
		result := analyze.TrialOf(t)
		Expect(result.EndedBy).To(Equal(analyze.EndedByMechanism))
		Expect(result.Split).NotTo(BeNil())
		decided := *result.Split.Detect + *result.Split.Decide
		Expect(decided).To(BeNumerically("~", float64(withdrawn.At-effect.At)/1e6, 0.001))
		Expect(*result.Split.Decide).To(BeNumerically(">", 0), "two failed checks")
		Expect(*result.FailoverMS).To(BeNumerically(">", decided-result.FailoverUncertaintyMS), "users keep the dead address until the TTL ends")
		Expect(find(t, proxy.EventRecord, find(t, proxy.EventRecoverAsked, 0).At).State).To(Equal(proxy.RecordBack))
	})

	It("lose their proxy without the DNS server, each user when the own answer is expired", func() {
		t := one.one("dns-failure")
		effect := find(t, proxy.EventFaultEffect, 0)
		Expect([]string{effect.Node, effect.Service}).To(Equal([]string{"ns", "dns"}))
		result := analyze.TrialOf(t)
		Expect(result.EndedBy).To(Equal(analyze.EndedByRepair))
		Expect(result.Predicted.Never).To(BeTrue())
		repair := find(t, proxy.EventRecoverAsked, 0).At
		Expect(outcomes(t, effect.At+(2*time.Second).Nanoseconds(), repair)).To(HaveKey(load.NoName))
		first := map[uint16]int64{} // request without an answer, by user
		for _, s := range t.Samples {
			if _, seen := first[s.User]; s.Outcome == load.NoName && !seen {
				first[s.User] = s.Scheduled
			}
		}
		Expect(first).To(HaveLen(users), "every user")
		ends := slices.Sorted(maps.Values(first))
		Expect(time.Duration(ends[users-1]-ends[0])).To(BeNumerically(">", 300*time.Millisecond), "answers of all users expired at the same time")
		back := find(t, proxy.EventRecoverEffect, 0).At + (500 * time.Millisecond).Nanoseconds()
		Expect(outcomes(t, back, back+time.Second.Nanoseconds())).NotTo(HaveKey(load.NoName))
	})
})
