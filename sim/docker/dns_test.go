package docker

import (
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
)

// resolving keeps the events of a DNS responder and of its users, and the users' samples.
type resolving struct {
	mu      sync.Mutex
	records map[string]proxy.State // node -> last state
	failed  []string               // texts of resolvers without a valid answer
	last    []load.Sample
}

func (r *resolving) Event(e proxy.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch e.Kind {
	case proxy.EventRecord:
		r.records[e.Subject] = e.State
	case proxy.EventDNSFailed:
		r.failed = append(r.failed, e.Text)
	}
}

func (r *resolving) Samples(_ string, s []load.Sample) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = append(r.last, s...)
}

// forget drops everything except the records.
func (r *resolving) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed, r.last = nil, nil
}

func (r *resolving) told() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.failed)
}

// record is the state of a node's record; empty if it never changed.
func (r *resolving) record(node string) proxy.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.records[node]
}

// ended reports whether at least 20 requests ended since forget, the last 20 of them with this outcome.
func (r *resolving) ended(o load.Outcome) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.last)
	return n >= 20 && !slices.ContainsFunc(r.last[n-20:], func(s load.Sample) bool { return s.Outcome != o })
}

// named is pair with a DNS name instead of its address.
func named() topology.Topology {
	t := pair()
	t.Addresses = nil
	check := topology.Check{Kind: topology.CheckHTTP, Interval: 500 * time.Millisecond, Timeout: 500 * time.Millisecond, Fall: 2, Rise: 2}
	t.Nodes = append(t.Nodes, topology.Node{Name: "ns", Services: []topology.Service{{Name: "dns", Engine: topology.Builtin, Port: 5300,
		DNS: &topology.Responder{Name: "proxy", Records: []string{"a", "b"}, Port: 3128, TTL: time.Second, Check: check}}}})
	t.Users[0].Proxy.Host = "a"
	t.Users[0].DNS = &topology.Resolve{Servers: []string{"ns"}, Timeout: 500 * time.Millisecond, Attempts: 1}
	return t
}

var _ = Describe("a DNS responder in a container", Label("docker"), func() {
	It("withdraws a dead node, and fails as the mode of the fault says", func(ctx SpecContext) {
		r := onEngine(Options{Builtin: true})
		t := named()
		l, err := r.Deploy(ctx, t, say)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		h := &resolving{records: map[string]proxy.State{}}
		_, err = sim.StartServices(ctx, l, t, h, time.Now())
		Expect(err).NotTo(HaveOccurred())
		site := l.Site()
		go func() { // ends with the lab
			_ = l.Node("office").Load(ctx, load.Spec{
				Start: proxy.Monotonic(), Duration: 5 * time.Minute, Rate: 50, Users: 10, Seed: 1, Origins: []string{"web.test"},
				HTTPPort: topology.OriginHTTP, HTTPSPort: topology.OriginHTTPS, NewShare: 0.5, Timeout: time.Second, Allowed: l.Node("office").Hello().Prefixes,
				DNS: &load.DNS{Servers: []string{site.LAN["ns"].String() + ":5300"}, Host: "proxy.test", Port: 3128, Timeout: 500 * time.Millisecond, Attempts: 1},
			})
		}()
		served := func() bool { return h.ended(load.OK) }
		Eventually(ctx, served).Should(BeTrue())

		By("a node that loses its power: its record is withdrawn, and the users go to the other node")
		record := func() proxy.State { return h.record("a") } // on a busy machine a check may fail before the fault
		Eventually(ctx, record).ShouldNot(Equal(proxy.RecordWithdrawn))
		dark := agent.Fault{ID: "f1", Kind: fault.PowerLoss}
		_, err = l.Node("a").Inject(ctx, dark)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, record).Should(Equal(proxy.RecordWithdrawn))
		h.forget()
		Eventually(ctx, served).Should(BeTrue())
		_, err = l.Node("a").Recover(ctx, dark)
		Expect(err).NotTo(HaveOccurred())
		Eventually(ctx, record).Should(Equal(proxy.RecordBack))

		for _, mode := range []struct{ name, proof, seen string }{
			{"dead", `^127\.0\.0\.1:5300 refuses queries, 1 process\(es\) dead$`, `: connection refused$`},
			{"servfail", `^the agent's query got SERVFAIL$`, `: SERVFAIL$`},
			{"silent", `^the agent's query got no answer within [0-9.]+m?s$`, `: i/o timeout$`},
		} {
			By("mode " + mode.name + ": the error of the users when their answers are expired")
			f := agent.Fault{ID: "f2", Kind: fault.DNSFailure, Service: "dns", FaultParams: proxy.FaultParams{Mode: mode.name}}
			h.forget()
			effect, err := l.Node("ns").Inject(ctx, f)
			Expect(err).NotTo(HaveOccurred())
			Expect(effect.Proof).To(MatchRegexp(mode.proof))
			// A query that was under way when the server died has no answer: that user waits for the timeout.
			Eventually(ctx, h.told).Should(And(HaveLen(10), ContainElement(MatchRegexp(mode.seen)), HaveEach(MatchRegexp(mode.seen+"|: i/o timeout$"))), "each user once")
			Eventually(ctx, func() bool { return h.ended(load.NoName) }).Should(BeTrue())
			_, err = l.Node("ns").Recover(ctx, f)
			Expect(err).NotTo(HaveOccurred())
			Eventually(ctx, served).Should(BeTrue())
		}
	}, NodeTimeout(2*time.Minute))
})
