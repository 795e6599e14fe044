package sim

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// aim is the time before a fault at which its target is chosen. The order must reach the node in time.
const aim = 200 * time.Millisecond

// overtime is the time by which a load may last longer than planned.
const overtime = 30 * time.Second

// The phases of a trial, as its trace names them.
const (
	PhaseWarmUp   = "warm-up"
	PhaseBaseline = "baseline"
	PhaseFault    = "fault"
	PhaseRecovery = "recovery"
	PhaseDrain    = "drain"
)

// trial runs one trial. It returns a trace even if the trial broke; err is nil then, unless the run must end.
func (r *run) trial(ctx context.Context, t plan.Trial) (*trace.Trace, error) {
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	return r.measure(ctx, t)
}

// measure runs one trial on the lab as it is.
func (r *run) measure(ctx context.Context, t plan.Trial) (*trace.Trace, error) {
	r.calibrate(ctx)
	leave, err := r.o.Capacity.enter(ctx, r.o.Capacity.Share(r.plan))
	if err != nil {
		return nil, err
	}
	leave = sync.OnceFunc(leave)
	defer leave()
	x := &execution{run: r, trial: t, lab: r.lab, epoch: r.lab.Now() + r.lead().Nanoseconds(), force: map[string]int{}}
	rec, err := newRecorder(x.header(), r.o.Traces, r.o.Observer)
	if err != nil {
		return nil, err
	}
	x.rec = rec
	r.o.Observer.Trial(rec.t.Header, x.length())
	r.lab.watch.record(rec)
	leaveMachine := x.watchMachine(ctx)
	broken := x.execute(ctx)
	leaveMachine()
	r.lab.watch.record(nil)
	leave()
	if broken != nil {
		r.close(ctx) // its state is unknown
	}
	return x.finish(ctx, broken)
}

// execution is one trial that runs.
type execution struct {
	*run
	trial plan.Trial
	lab   *bench
	epoch int64
	rec   *recorder

	mu    sync.Mutex
	force map[string]int // faults in force, by node
}

func (x *execution) finish(ctx context.Context, broken error) (*trace.Trace, error) {
	why := ""
	if broken != nil {
		why = broken.Error()
	}
	x.o.Observer.Ended(why)
	t, err := x.rec.end(why)
	if err != nil {
		return t, err
	}
	if ctx.Err() != nil {
		return t, context.Cause(ctx)
	}
	return t, nil
}

// length is the length of the trial's load.
func (x *execution) length() time.Duration { return x.plan.End + x.trial.Phase }

func (x *execution) header() trace.Header {
	h := trace.Header{
		Schema: trace.Schema, Lab: x.lab.ID(), Runtime: x.o.Runtime.Name(), Fidelity: x.o.Runtime.Fidelity(),
		Plan: x.plan, PlanHash: x.hash, Trial: x.trial.Index, Started: x.o.Started, Epoch: x.epoch,
		ClockUncertainty: x.lab.Uncertainty(), Version: x.o.Version, LabUp: x.lab.labUp, MechanismsUp: x.lab.ready, Relays: x.lab.relays,
		Watching: x.lab.watch.watching(),
	}
	if x.trial.Attempt > 0 {
		h.Redrawn = &x.trial
	}
	for _, n := range x.plan.Topology.Nodes {
		h.Nodes = append(h.Nodes, n.Name)
	}
	hello := x.lab.Node(x.plan.Topology.Users[0].Name).Hello()
	h.Kernel, h.CPUs, h.Processor, h.Engines = hello.Kernel, hello.CPUs, hello.Processor, x.versions(h.Fidelity)
	return h
}

// versions gives the versions of the engines that run themselves on this runtime, of those that the nodes of the design have.
func (x *execution) versions(list []trace.Fidelity) map[string]string {
	var found map[string]string
	for _, n := range x.plan.Topology.Nodes {
		has := x.lab.Node(n.Name).Hello().Packages
		for _, f := range list {
			if version := has[f.What]; version != "" && f.Level == trace.Real {
				if found == nil {
					found = map[string]string{}
				}
				found[f.What] = version
			}
		}
	}
	return found
}

// execute runs the load and the faults in parallel until both have ended.
func (x *execution) execute(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	steps := x.steps()
	errs := make(chan error, 1+len(x.plan.Topology.Users)+len(steps))
	var all sync.WaitGroup
	launch := func(f func() error) {
		all.Go(func() {
			if err := f(); err != nil {
				cancel(err) // a failure of one part ends the trial
				errs <- err
			}
		})
	}
	for i := range x.plan.Topology.Users {
		launch(func() error { return x.load(ctx, i) })
	}
	launch(func() error { return x.phases(ctx) })
	for _, s := range steps {
		launch(func() error { return x.fault(ctx, s) })
	}
	all.Wait()
	close(errs)
	return <-errs // the first cause; nil if none
}

// at converts an offset of the plan to an instant of the lab's clock. From the fault on, it adds the phase of the trial.
func (x *execution) at(offset time.Duration) int64 {
	if offset >= x.plan.FaultAt {
		offset += x.trial.Phase
	}
	return x.epoch + offset.Nanoseconds()
}

// phases records the beginning of every phase that has a length.
func (x *execution) phases(ctx context.Context) error {
	phases := []struct {
		name  string
		start time.Duration
	}{{PhaseWarmUp, 0}, {PhaseBaseline, x.plan.BaselineAt}, {PhaseFault, x.plan.FaultAt}, {PhaseRecovery, x.plan.RecoverAt}, {PhaseDrain, x.plan.End}}
	for i, p := range phases {
		if i+1 < len(phases) && phases[i+1].start == p.start {
			continue // this scenario has no such phase
		}
		if err := x.lab.Wait(ctx, x.at(p.start)); err != nil {
			return err
		}
		x.rec.event(trace.Event{At: x.at(p.start), Kind: proxy.EventPhase, State: proxy.State(p.name)})
		x.meter(ctx)
	}
	return nil
}

// load runs the share of the load of one user group.
func (x *execution) load(ctx context.Context, group int) error {
	t := x.plan.Topology
	g, all := t.Users[group], 0
	for _, other := range t.Users {
		all += other.Count
	}
	l := x.plan.Scenario.Load
	ctx, cancel := x.lab.Within(ctx, x.length()+l.Timeout+overtime, reason.Errorf("load-did-not-end", "the load of %s did not end", g.Name))
	defer cancel()
	spec := load.Spec{
		Start: x.epoch + x.lab.watch.shift(group, l.Rate), Duration: x.length(), Rate: l.Rate * float64(g.Count) / float64(all), Users: g.Count,
		Seed: x.trial.Seed + uint64(group), HTTPPort: topology.OriginHTTP, HTTPSPort: topology.OriginHTTPS,
		CA: x.lab.ca, Retry: l.Retry, TLSShare: l.TLSShare, NewShare: l.NewShare, BodyBytes: l.Body, Timeout: l.Timeout,
		Nodes: x.rec.t.Header.Nodes, Allowed: x.allowed(g),
	}
	switch {
	case g.PAC != nil:
		x.browse(&spec, g.PAC)
	case g.DNS != nil:
		spec.DNS, spec.ConnectTimeout = x.names(g), g.DNS.ConnectTimeout
	case g.Pool != nil:
		spec.Pool, spec.ConnectTimeout = x.pool(g), g.Pool.ConnectTimeout
	default:
		spec.Proxy = entry(x.lab.Site(), g)
	}
	if o := l.Objects; o != nil {
		spec.Objects = &load.Objects{Count: o.Count, Zipf: o.Zipf, Cacheable: o.Cacheable, Catalogue: fmt.Sprintf("%016x", x.trial.Seed)}
	}
	if s := l.Streams; s != nil {
		spec.Streams = &load.Streams{Share: s.Share, Every: s.Every, Silence: s.Silence}
	}
	spec.Surges = x.surges(g.Name, spec.Start)
	for _, o := range t.Origins {
		spec.Origins = append(spec.Origins, o.Name+".test")
	}
	if err := asOwners(&spec, t, x.lab.Site(), g); err != nil {
		return err
	}
	return x.lab.Node(g.Name).Load(ctx, spec)
}

// pool returns the addresses of the exits in a group's pool.
func (x *execution) pool(g topology.Group) *load.Pool {
	p := &load.Pool{Names: g.Pool.Exits, Session: g.Pool.Session}
	for _, exit := range g.Pool.Exits {
		p.Exits = append(p.Exits, fmt.Sprintf("%s:%d", x.lab.Site().LAN[exit], g.Pool.Port))
	}
	return p
}

// names returns the DNS servers that a group's users ask for their proxy, and the settings of their resolver.
func (x *execution) names(g topology.Group) *load.DNS {
	name, _ := x.plan.Topology.ResponderOf(g)
	d := &load.DNS{
		Host: name.Host(), Port: name.Port, Timeout: g.DNS.Timeout, Attempts: g.DNS.Attempts, Rotate: g.DNS.Rotate,
		Next: g.DNS.Next, Caches: g.DNS.Caches,
	}
	for _, server := range g.DNS.Servers {
		n, _ := x.plan.Topology.Node(server)
		s, _ := n.Responder()
		d.Servers = append(d.Servers, fmt.Sprintf("%s:%d", x.lab.Site().LAN[server], s.Port))
	}
	return d
}

// surges are the times at which a group sends more, relative to the start of its load.
func (x *execution) surges(group string, start int64) []load.Surge {
	var surges []load.Surge
	for _, f := range x.plan.Faults {
		if f.Kind != fault.Surge {
			continue
		}
		for _, c := range f.Candidates {
			if c.Node == group {
				surges = append(surges, load.Surge{From: time.Duration(x.at(f.At) - start), To: time.Duration(x.at(f.Undo) - start), Factor: f.Factor})
			}
		}
	}
	return surges
}

// browse makes the users of a group browsers with a PAC file. They connect directly only if the design allows it.
func (x *execution) browse(spec *load.Spec, p *topology.PAC) {
	lan := x.lab.Site().LAN
	spec.PAC = &load.PAC{Browser: p.Browser, Script: p.Script, Hosts: map[string]string{}}
	for _, n := range x.plan.Topology.Nodes {
		spec.PAC.Hosts[n.Name] = lan[n.Name].String()
	}
	if spec.ConnectTimeout = p.ConnectTimeout; spec.ConnectTimeout == 0 {
		spec.ConnectTimeout = policy.Browser(p.Browser).ConnectTimeout()
	}
	if p.Direct != "" {
		spec.Direct = lan[p.Direct].String()
	}
}

// entry is the address and port of the proxy service for a group's users.
func entry(site proxy.Site, g topology.Group) string {
	addr, moves := site.VIP[g.Proxy.Host]
	if !moves {
		addr = site.LAN[g.Proxy.Host]
	}
	return fmt.Sprintf("%s:%d", addr, g.Proxy.Port)
}

// allowed are the networks that the load may reach: those of the client node, inside the lab.
func (x *execution) allowed(g topology.Group) []string {
	if x.lab.Site().Shared {
		return []string{"127.0.0.0/8"}
	}
	if d := x.plan.Topology.Deployed; d != nil {
		var all []string
		for _, n := range d.Networks {
			all = append(all, n.Prefix.String())
		}
		return all
	}
	return x.lab.Node(g.Name).Hello().Prefixes
}
