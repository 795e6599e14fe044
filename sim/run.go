package sim

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/configure"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Options of a run.
type Options struct {
	Runtime  Runtime
	Observer Observer // nil: NopObserver
	Traces   *os.Root // directory of the traces; nil: memory only
	Version  string   // of spof, for the trace
	// Ended receives the trace of each trial when the trial ends, also of a broken trial. If again is not empty, the trial is repeated
	// with another phase of its stratum, and again is the reason. Ended must bound the number of attempts; the header has the number of
	// this one. nil: no trial is repeated.
	Ended func(*trace.Trace) (again string)
	// Started is the wall clock at the start, for the record and the lab's certificates.
	Started  time.Time
	Capacity *Capacity // shared with labs that run side by side; nil: no bounds
}

// filled sets the defaults.
func (o Options) filled() Options {
	if o.Observer == nil {
		o.Observer = NopObserver{}
	}
	if o.Ended == nil {
		o.Ended = func(*trace.Trace) string { return "" }
	}
	return o
}

// Bounds of what a lab takes in addition to the plan's own times.
const (
	steadyWithin = 40 * time.Second
	closeWithin  = 20 * time.Second
	lead         = 150 * time.Millisecond // from the orders to the load until its first request
	leadPAC      = time.Second            // the same if a process for a PAC file starts first
)

// ErrUnsupported is in every error of a plan that the runtime cannot carry out.
var ErrUnsupported = errors.New("not supported by this runtime")

// ErrNotKept is in every error of a trace that could not be written to its file, for example on a full disk.
var ErrNotKept = errors.New("a trace could not be written")

// Run calls RunAll for one plan. It returns the traces of all attempts in order. With an error it returns the traces until then.
func Run(ctx context.Context, p plan.Plan, o Options) (traces []*trace.Trace, err error) {
	ended := o.Ended
	o.Ended = func(t *trace.Trace) string {
		traces = append(traces, t)
		if ended == nil {
			return ""
		}
		return ended(t)
	}
	err = RunAll(ctx, []plan.Plan{p}, o)
	return traces, err
}

// RunAll executes every trial of several plans of one topology, one after another. The trials share a lab while it returns to its
// steady state; else the next trial gets a fresh lab. The trace of a trial that was not finished has Broken set. One trace is in
// memory at a time: Options.Ended takes each. An error ends the run (no runtime, no lab, no space for traces, interrupted): the
// trials after it were not run.
func RunAll(ctx context.Context, plans []plan.Plan, o Options) error {
	o = o.filled()
	for _, p := range plans {
		if err := Supports(o.Runtime, p); err != nil {
			return err
		}
		if !reflect.DeepEqual(p.Topology, plans[0].Topology) {
			return reason.Errorf("mixed-topologies", "a lab for %s cannot run a plan on %s", plans[0].Topology.Name, p.Topology.Name)
		}
	}
	r := &run{o: o}
	defer r.close(ctx)
	for _, p := range plans {
		if err := r.trials(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// trials runs every trial of a plan.
func (r *run) trials(ctx context.Context, p plan.Plan) error {
	r.plan, r.hash = p, p.Hash()
	for _, trial := range p.Trials {
		if err := r.attempts(ctx, trial); err != nil {
			return err
		}
	}
	return nil
}

// attempts runs a trial, and repeats it while Options.Ended asks for it.
func (r *run) attempts(ctx context.Context, t plan.Trial) error {
	for {
		ended, err := r.trial(ctx, t)
		why := ""
		if ended != nil {
			why = r.o.Ended(ended)
		}
		if err != nil || why == "" {
			return err
		}
		t = r.plan.Again(t)
		r.o.Observer.Note(fmt.Sprintf("trial %d/%d is run again (%s)", t.Index+1, len(r.plan.Trials), why))
	}
}

// Supports reports why the runtime cannot carry a plan out, before anything starts: a fault that it cannot inject, a cache where
// its forward proxy stores nothing, or a topology that its engines cannot be configured for. The error is ErrUnsupported or
// proxy.ErrUnsupported.
func Supports(rt Runtime, plan plan.Plan) error {
	can := capabilitiesOf(rt)
	if plan.Topology.Caches() && !can.caches() {
		return reason.Errorf("cache-unsupported", "the caches of %s on runtime %s, whose forward proxy stores nothing: %w", plan.Topology.Name, rt.Name(), ErrUnsupported)
	}
	for _, f := range plan.Faults {
		if !can.injects(f.Kind) {
			return reason.Errorf("fault-unsupported", "fault %s on runtime %s: %w", f.Kind, rt.Name(), ErrUnsupported)
		}
	}
	if plan.Topology.Deployed != nil && can.standIns() {
		return reason.Errorf("own-files-unsupported", "the files of a team on runtime %s without the real engines (--builtin, local): %w; they need --runtime docker", rt.Name(), ErrUnsupported)
	}
	if err := configure.Supports(&plan.Topology, can.standIns()); err != nil {
		return fmt.Errorf("%w on runtime %s", err, rt.Name())
	}
	return nil
}

// run is the execution of the plans of one topology.
type run struct {
	plan plan.Plan // the current one
	hash string
	o    Options
	lab  *bench            // nil: no lab is up
	idle func(trace.Event) // receives the events between the trials; nil: nothing does
}

// bench is a lab with running services and a watch on its mechanisms.
type bench struct {
	Lab
	watch        *watch
	ca           []byte
	labUp, ready time.Duration
	relays       map[string]proxy.RelayCost // nil: not calibrated yet
}

// close ends the lab; ctx may be done already.
func (r *run) close(ctx context.Context) {
	lab := r.lab
	if lab == nil {
		return
	}
	r.lab = nil
	away := func() {
		ctx, cancel := lab.Within(context.WithoutCancel(ctx), closeWithin, nil)
		defer cancel()
		if err := lab.Close(ctx); err != nil {
			r.o.Observer.Note(fmt.Sprintf("lab %s: %v (spof clean removes what is left)", lab.ID(), err))
		}
	}
	if ctx.Err() != nil { // the run is interrupted: nothing is measured any more
		away()
		return
	}
	r.o.Capacity.end(away)
}

// ready makes sure that a lab in its steady state is up: the lab of the last trial, or a fresh one.
func (r *run) ready(ctx context.Context) error {
	if r.lab != nil {
		err := r.steady(ctx)
		if err == nil {
			err = r.forget(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return err
		}
		r.o.Observer.Note(fmt.Sprintf("a fresh lab is needed: %v", err))
		r.close(ctx)
	}
	if err := r.deploy(ctx); err != nil {
		return err
	}
	return r.steady(ctx)
}

// forget removes the connections and link states of the last trial. Connections of its users may be half open: a node that lost an address
// does not learn that they are closed. It would answer for them when their ports are used again. WAN links may still have a part of a fault.
func (r *run) forget(ctx context.Context) error {
	ctx, cancel := r.lab.Within(ctx, steadyWithin, nil)
	defer cancel()
	t := r.plan.Topology
	for _, n := range t.Nodes {
		if err := r.lab.Node(n.Name).Forget(ctx); err != nil {
			return err
		}
	}
	for _, link := range t.WAN {
		if err := r.lab.Node(link.Name).Forget(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) steady(ctx context.Context) error {
	ctx, cancel := r.lab.Within(ctx, steadyWithin, nil)
	defer cancel()
	return r.lab.watch.awaitSteady(ctx)
}

// deploy brings the topology up, and waits for the start of its mechanisms.
func (r *run) deploy(ctx context.Context) error {
	if err := r.o.Runtime.Prepare(ctx, r.plan.Topology, r.o.Observer.Note); err != nil {
		return err
	}
	if err := r.bringUp(ctx); err != nil {
		return err
	}
	b, began := r.lab, r.lab.Now()
	if err := r.steady(ctx); err != nil {
		return err
	}
	b.ready = time.Duration(b.Now() - began)
	r.o.Observer.Note(fmt.Sprintf("lab %s up in %s; mechanisms steady %s later", b.ID(), b.labUp.Round(time.Millisecond), b.ready.Round(time.Millisecond)))
	return nil
}

// bringUp starts the nodes, then their services. It holds the whole capacity.
func (r *run) bringUp(ctx context.Context) error {
	leave, err := r.o.Capacity.alone(ctx)
	if err != nil {
		return err
	}
	defer leave()
	lab, err := r.o.Runtime.Deploy(ctx, r.plan.Topology, r.o.Observer.Note)
	if err != nil {
		return err
	}
	r.lab = &bench{Lab: lab, watch: newWatch(r.plan.Topology, lab)}
	if r.idle != nil {
		r.lab.watch.idle = r.idle
	}
	if r.lab.ca, err = StartServices(ctx, lab, r.plan.Topology, r.lab.watch, r.o.Started); err != nil {
		return err
	}
	r.lab.labUp = time.Duration(lab.Now() - lab.Began())
	return nil
}

// calibrateWithin bounds the calibration of a link, which takes less than 1 s.
const calibrateWithin = 5 * time.Second

// calibrate measures what the relay of each WAN link adds, one link after another, before the first trial in a lab. If a link cannot be
// calibrated, the lab is used and its traces have no figure for the link.
func (r *run) calibrate(ctx context.Context) {
	if r.lab.relays != nil {
		return
	}
	r.lab.relays = map[string]proxy.RelayCost{}
	for _, link := range r.plan.Topology.WAN {
		within, cancel := r.lab.Within(ctx, calibrateWithin, nil)
		cost, err := r.lab.Node(link.Name).Calibrate(within)
		cancel()
		if err != nil {
			r.o.Observer.Note(fmt.Sprintf("WAN relay %s: %v", link.Name, err))
			continue
		}
		r.lab.relays[link.Name] = cost
		r.o.Observer.Note(fmt.Sprintf("WAN relay %s adds %s (p50), %s (p99)", link.Name, added(cost.AddedP50), added(cost.AddedP99)))
	}
}

// added is what a relay adds. The cost is the difference of two measurements: one that is not above 0 is their error.
func added(cost time.Duration) string {
	if cost <= 0 {
		return "nothing measurable"
	}
	return fmt.Sprintf("%.2f ms", 1e3*cost.Seconds())
}

// StartServices configures and starts the services of every node of a fresh lab in parallel, and returns when all of them listen.
// Events go to h from then on. now dates the certificates of the origins; ca is the authority that the users trust.
func StartServices(ctx context.Context, lab Lab, t topology.Topology, h agent.Handler, now time.Time) (ca []byte, err error) {
	site := lab.Site()
	if site.Authority, err = proxy.NewAuthority(now); err != nil {
		return nil, err
	}
	specs, err := configure.Nodes(&t, site)
	if err != nil {
		return nil, err
	}
	for _, wave := range waves(t, specs) {
		if err := startWave(ctx, lab, h, specs, wave); err != nil {
			return nil, err
		}
	}
	return site.Authority.PEM, nil
}

// waves divides the nodes into those that start side by side. The files of a team may name servers that the lab's DNS must know before an
// engine starts, and a balancer that starts before its servers takes them for down at its first check: with slow checks that is longer
// than a trial.
func waves(t topology.Topology, specs map[string]proxy.NodeSpec) [][]string {
	var outside, servers, balancers []string
	for name := range specs {
		n, ours := t.Node(name)
		_, balances := n.Balancer()
		switch {
		case !ours || t.Deployed == nil:
			outside = append(outside, name)
		case balances:
			balancers = append(balancers, name)
		default:
			servers = append(servers, name)
		}
	}
	return [][]string{outside, servers, balancers}
}

// startWave starts nodes side by side.
func startWave(ctx context.Context, lab Lab, h agent.Handler, specs map[string]proxy.NodeSpec, names []string) error {
	errs := make(chan error, len(names))
	var all sync.WaitGroup
	for _, name := range names {
		node := lab.Node(name)
		if node == nil {
			return reason.Errorf("no-node", "lab %s has no node %s", lab.ID(), name)
		}
		node.Subscribe(h)
		spec := specs[name]
		spec.Shared = lab.Site().Shared
		all.Go(func() { errs <- node.Start(ctx, spec) })
	}
	all.Wait()
	close(errs)
	var failed []error
	for err := range errs {
		failed = append(failed, err)
	}
	return errors.Join(failed...)
}

// lead is the time between the order of the load and its first request.
func (r *run) lead() time.Duration {
	if slices.ContainsFunc(r.plan.Topology.Users, func(g topology.Group) bool { return g.PAC != nil }) {
		return leadPAC
	}
	return lead
}
