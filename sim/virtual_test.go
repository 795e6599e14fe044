package sim_test

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// What a virtual lab takes.
const (
	deploys  = 3 * time.Second
	starts   = 2 * time.Second
	elects   = 4 * time.Second        // from the start of its services
	takeover = 700 * time.Millisecond // from the power loss of the master
)

// virtual is a runtime with the time of a synctest bubble. Its nodes do only what the spec needs.
type virtual struct{ elects bool }

func (*virtual) Name() string { return "virtual" }

func (*virtual) Fidelity() []trace.Fidelity {
	return sim.FaultFidelity(func(fault.Kind) fault.Fidelity { return fault.Fidelity{Level: fault.Emulated, How: "by the spec"} })
}

func (*virtual) Prepare(context.Context, topology.Topology, func(string)) error { return nil }

func (v *virtual) Deploy(_ context.Context, t topology.Topology, _ func(string)) (sim.Lab, error) {
	l := &virtualLab{t: t, elects: v.elects, began: virtualClock{}.Now(), nodes: map[string]*virtualNode{}}
	l.site = proxy.Site{LAN: map[string]netip.Addr{}, WAN: map[string]netip.Addr{}, VIP: map[string]netip.Addr{"proxy": {}}, Builtin: true, Dir: "/run"}
	next := netip.MustParseAddr("10.0.0.1")
	add := func(name string, in map[string]netip.Addr) {
		in[name], l.nodes[name] = next, &virtualNode{lab: l, name: name}
		next = next.Next()
	}
	for _, n := range t.Nodes {
		add(n.Name, l.site.LAN)
	}
	add(t.WAN[0].Name, l.site.LAN)
	l.site.WAN[t.WAN[0].Name] = next
	add(t.Users[0].Name, l.site.LAN)
	add(t.Origins[0].Name, l.site.WAN)
	l.site.VIP["proxy"] = next
	time.Sleep(deploys)
	return l, nil
}

// virtualClock is the bubble's time.
type virtualClock struct{ sim.HostClock }

func (virtualClock) Now() int64 { return time.Now().UnixNano() }

func (c virtualClock) Wait(ctx context.Context, at int64) error {
	ctx, cancel := context.WithTimeoutCause(ctx, time.Duration(at-c.Now()), nil)
	defer cancel()
	<-ctx.Done()
	if c.Now() >= at {
		return nil
	}
	return context.Cause(ctx)
}

type virtualLab struct {
	virtualClock
	t      topology.Topology
	elects bool
	began  int64
	site   proxy.Site
	nodes  map[string]*virtualNode
}

func (*virtualLab) ID() string                  { return "virtual" }
func (l *virtualLab) Began() int64              { return l.began }
func (l *virtualLab) Site() proxy.Site          { return l.site }
func (*virtualLab) Close(context.Context) error { return nil }

func (l *virtualLab) Node(name string) sim.Node {
	if n := l.nodes[name]; n != nil {
		return n
	}
	return nil
}

// virtualNode is a node of a pair: the first is the master while it has power.
type virtualNode struct {
	sim.Node // nil: the spec calls nothing else
	lab      *virtualLab
	name     string
	handler  agent.Handler
}

func (n *virtualNode) Hello() agent.Hello                                     { return agent.Hello{Kernel: "virtual", CPUs: 1} }
func (n *virtualNode) Subscribe(h agent.Handler)                              { n.handler = h }
func (*virtualNode) WatchMachine(context.Context, func(proxy.Reading)) error  { return nil }
func (*virtualNode) LeaveMachine(context.Context) error                       { return nil }
func (*virtualNode) Forget(context.Context) error                             { return nil }
func (*virtualNode) Calibrate(context.Context) (r proxy.RelayCost, err error) { return r, nil }

// Meter sends one kind of event for links and nodes.
func (n *virtualNode) Meter(context.Context) error {
	n.handler.Event(proxy.Event{At: n.lab.Now(), Kind: proxy.EventServiceCPU, Node: n.name, For: 1})
	return nil
}

// metered gives the nodes of a trace whose meters were read.
func metered(t *trace.Trace) (names []string) {
	for _, e := range t.Events {
		if e.Kind == proxy.EventServiceCPU && !slices.Contains(names, e.Node) {
			names = append(names, e.Node)
		}
	}
	return names
}

// becomes sends the event of a state in the election.
func (n *virtualNode) becomes(s proxy.State) {
	n.handler.Event(proxy.Event{At: n.lab.Now(), Kind: proxy.EventVRRP, Node: n.name, Subject: "proxy", State: s})
}

func (n *virtualNode) Start(context.Context, proxy.NodeSpec) error {
	time.Sleep(starts)
	if state, is := map[string]proxy.State{"proxy-a": proxy.VRRPMaster, "proxy-b": proxy.VRRPBackup}[n.name]; is && n.lab.elects {
		time.AfterFunc(elects, func() { n.becomes(state) })
	}
	return nil
}

func (n *virtualNode) Load(ctx context.Context, s load.Spec) error {
	for at := time.Duration(0); at < s.Duration; at += time.Second / time.Duration(s.Rate) {
		if err := n.lab.Wait(ctx, s.Start+at.Nanoseconds()); err != nil {
			return err
		}
		n.handler.Samples(n.name, []load.Sample{{Scheduled: at.Nanoseconds(), Outcome: load.OK}})
	}
	return nil
}

func (n *virtualNode) Inject(ctx context.Context, f agent.Fault) (agent.Effect, error) {
	if err := n.lab.Wait(ctx, f.At); err != nil {
		return agent.Effect{}, err
	}
	time.AfterFunc(takeover, func() { n.lab.nodes["proxy-b"].becomes(proxy.VRRPMaster) })
	return agent.Effect{At: n.lab.Now(), Proof: "by the spec"}, nil
}

func (n *virtualNode) Recover(ctx context.Context, f agent.Fault) (agent.Effect, error) {
	if err := n.lab.Wait(ctx, f.At); err != nil {
		return agent.Effect{}, err
	}
	n.becomes(proxy.VRRPMaster)
	n.lab.nodes["proxy-b"].becomes(proxy.VRRPBackup)
	return agent.Effect{At: n.lab.Now(), Proof: "by the spec"}, nil
}

var _ = Describe("the engine's time", func() {
	const minutes = `
scenario: minutes
about: For a test.
load: {rate: 10/s, timeout: 2s, patience: 1s}
phases: {warm_up: 30s, baseline: 5m, fault: 5m, recovery: 5m}
faults:
  - {kind: power-loss, target: serving}
expect: {corrupted: "== 0"}
`
	// bubble runs two trials of minutes in virtual time and gives how long they took there.
	bubble := func(v *virtual) (traces []*trace.Trace, took time.Duration, err error) {
		p := compile(withSignals("ignore"), minutes, 2)
		synctest.Test(suite, func(*testing.T) {
			began := time.Now()
			traces, err = sim.Run(context.Background(), p, sim.Options{Runtime: v, Started: began})
			took = time.Since(began)
		})
		return traces, took, err
	}

	It("is the lab's clock: trials of minutes run in virtual time", func(context.Context) {
		traces, took, err := bubble(&virtual{elects: true})
		Expect(err).NotTo(HaveOccurred())
		Expect(traces).To(HaveLen(2))
		h := traces[0].Header
		Expect(h.LabUp).To(Equal(deploys + starts))
		Expect(h.MechanismsUp).To(Equal(elects))
		length := time.Duration(0)
		for i, t := range traces {
			Expect(t.Broken).To(BeEmpty())
			phase := h.Plan.Trials[i].Phase
			length += h.Plan.End + phase
			due := t.Header.Epoch + (h.Plan.FaultAt + phase).Nanoseconds()
			Expect(find(t, proxy.EventFaultEffect, 0).At).To(Equal(due))
			Expect(after(t, due, "proxy-b", proxy.EventVRRP, proxy.VRRPMaster).At).To(Equal(due + takeover.Nanoseconds()))
			Expect(find(t, proxy.EventRecoverEffect, 0).At).To(Equal(due + (5 * time.Minute).Nanoseconds()))
			Expect(len(t.Samples)).To(BeNumerically("~", 10*(h.Plan.End+phase).Seconds(), 1))
		}
		Expect(took).To(BeNumerically("~", deploys+starts+elects+length, time.Second))
	}, SpecTimeout(time.Minute))

	It("bounds the wait for the steady state by the lab's clock", func(context.Context) {
		traces, took, err := bubble(&virtual{})
		Expect(reason.Codes(err)).To(Equal([]string{"not-steady"}))
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(traces).To(BeEmpty())
		Expect(took).To(Equal(deploys + starts + 40*time.Second))
	}, SpecTimeout(time.Minute))

	It("is read from no other clock", func() {
		host := []string{"proxy.Monotonic", "proxy.WaitMonotonic", "time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.AfterFunc",
			"time.NewTimer", "time.NewTicker", "time.Tick", "context.WithTimeout", "context.WithTimeoutCause", "context.WithDeadline", "context.WithDeadlineCause"}
		files, err := os.ReadDir(".")
		Expect(err).NotTo(HaveOccurred())
		used := map[string][]string{}
		for _, f := range files {
			name := f.Name()
			if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			Expect(err).NotTo(HaveOccurred())
			ast.Inspect(file, func(n ast.Node) bool {
				if s, is := n.(*ast.SelectorExpr); is {
					if x, is := s.X.(*ast.Ident); is && slices.Contains(host, x.Name+"."+s.Sel.Name) {
						used[name] = append(used[name], x.Name+"."+s.Sel.Name)
					}
				}
				return true
			})
		}
		Expect(used).To(And(HaveLen(1), HaveKey("clock.go")), "HostClock alone")
	})
})
