package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/reports/units"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/state"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
)

// climber measures the capacity of a design, state by state. Each state has a lab of its own, so that none inherits anything.
type climber struct {
	f       *capacityFlags
	t       *topology.Topology
	load    scenarios.Scenario
	states  []state.State
	runtime sim.Runtime
	stderr  io.Writer
	rep     capacity.Report
	tries   uint64 // so far: each has other random choices
}

// The tries of a ramp. An idle try has few requests at a low rate: it shows whether the service is there, and how fast it is.
const (
	warmUp      = time.Second
	leastOfTry  = 60 // requests
	longestTry  = 20 * time.Second
	idleRate    = 10.0 // requests per second, at most a quarter of the load
	leastOfIdle = 10   // requests
	idleTries   = 3    // the fastest counts
	drainWithin = time.Minute
	usualTries  = 12 // of a ramp, for the estimate
)

// all measures every state.
func (c *climber) all(ctx context.Context) error {
	began := time.Now()
	for i, s := range c.states {
		var until time.Time // no bound
		if c.f.budget > 0 {
			left := c.f.budget - time.Since(began)
			until = time.Now().Add(left / time.Duration(max(1, withPath(c.states[i:]))))
		}
		measured, err := c.state(ctx, s, until)
		if err != nil {
			return err
		}
		c.rep.States = append(c.rep.States, measured)
	}
	return nil
}

// withPath counts the states in which some requests have a path: only these take time.
func withPath(states []state.State) (n int) {
	for _, s := range states {
		if s.Reach > 0 {
			n++
		}
	}
	return n
}

// state measures one state.
func (c *climber) state(ctx context.Context, s state.State, until time.Time) (capacity.State, error) {
	got := capacity.State{State: s.Name, Lost: s.Lost, Reach: s.Reach, Limit: capacity.ByPath}
	if s.Reach == 0 {
		c.say("%s: no request has a path", title(s))
		return got, nil
	}
	session, err := sim.Open(ctx, *c.t, sim.Options{Runtime: c.runtime, Observer: c.observer(), Version: version, Started: time.Now()})
	if err != nil {
		return got, err
	}
	defer session.Close(ctx)
	r := &climb{climber: c, session: session, s: s, got: &got, until: until}
	return got, r.run(ctx)
}

// climb is the ramp of one state.
type climb struct {
	*climber
	session *sim.Session
	s       state.State
	got     *capacity.State
	until   time.Time // zero: no bound
	held    analyze.Served
	heldAt  float64 // rate of the last try that held; 0: none did
}

func (r *climb) run(ctx context.Context) error {
	ramp := &capacity.Ramp{Start: r.start(), Least: r.idle(), Most: highestRate, Within: r.f.within, Ask: r.asked()}
	cut, err := r.settle(ctx)
	for err == nil && cut == "" {
		rate, more := ramp.Next()
		if !more {
			break
		}
		if !r.until.IsZero() && time.Now().After(r.until) {
			cut = capacity.ByBudget
			break
		}
		var o capacity.Outcome
		if o, err = r.try(ctx, rate); err != nil {
			break
		}
		ramp.Add(rate, o)
		if o != capacity.Held {
			cut, err = r.drain(ctx)
		}
	}
	r.got.Conclude(ramp, cut)
	return err
}

// start is the first rate: where the whole design held, else the load.
func (r *climb) start() float64 {
	if len(r.rep.States) > 0 && r.rep.States[0].Carries.Lo > 0 {
		return r.rep.States[0].Carries.Lo
	}
	return r.rep.Offered
}

// idle is the rate of an idle try, and the lowest rate of a ramp.
func (r *climb) idle() float64 { return min(idleRate, max(1, r.rep.Offered/4)) }

// asked are the rates that the gates of the state ask for. Of the requests offered only those that have a path are served.
func (r *climb) asked() (rates []float64) {
	for _, g := range r.rep.Gates {
		if g.State == r.s.Name {
			rates = append(rates, g.AtLeast/r.s.Reach)
		}
	}
	return rates
}

// settle brings the state about, waits until the service has returned, and measures its idle latency. cut says why there is nothing to
// measure; empty: there is.
func (r *climb) settle(ctx context.Context) (cut capacity.Limit, err error) {
	lab := r.session.Lab()
	broke := lab.Now()
	for _, f := range r.s.Plan.Faults {
		if _, _, err := r.session.Break(ctx, f.Planned); err != nil {
			return "", err
		}
	}
	if err := lab.Wait(ctx, broke+r.s.After.Nanoseconds()); err != nil {
		return "", err
	}
	last, err := r.await(ctx, r.s.Settles-r.s.After, 0)
	switch {
	case err != nil:
		return "", err
	case last == capacity.GaveWay:
		return capacity.ByOutage, nil
	case last == capacity.Machine:
		return capacity.ByMachine, nil
	}
	best := math.Inf(1)
	for range idleTries {
		served, _, err := r.measure(ctx, r.idle(), leastOfIdle, 0, 0)
		if err != nil {
			return "", err
		}
		if served.P95MS > 0 {
			best = min(best, served.P95MS)
		}
	}
	if math.IsInf(best, 1) {
		return capacity.ByOutage, nil
	}
	m := r.load.Measure
	r.got.IdleP95MS = best
	r.got.LimitMS = capacity.LimitOf(best, m.LatencyFactor, m.LatencyFloor.Seconds()*1e3, r.load.Load.Patience.Seconds()*1e3)
	return "", nil
}

// await repeats idle tries until one holds, and gives the outcome of the last one. limit is that of the p95 latency in ms; 0: none.
func (r *climb) await(ctx context.Context, within time.Duration, limit float64) (capacity.Outcome, error) {
	deadline := time.Now().Add(within)
	for {
		_, found, err := r.measure(ctx, r.idle(), leastOfIdle, 0, limit)
		if err != nil || found.Outcome == capacity.Held || time.Now().After(deadline) {
			return found.Outcome, err
		}
	}
}

// drain waits until an overload is over: the next try must not meet its queue.
func (r *climb) drain(ctx context.Context) (cut capacity.Limit, err error) {
	last, err := r.await(ctx, drainWithin, r.got.LimitMS)
	switch {
	case err == nil && last == capacity.GaveWay:
		cut = capacity.ByBacklog
	case err == nil && last == capacity.Machine:
		cut = capacity.ByMachine
	}
	return cut, err
}

// try measures one rate of the ramp.
func (r *climb) try(ctx context.Context, rate float64) (capacity.Outcome, error) {
	served, found, err := r.measure(ctx, rate, leastOfTry, r.f.step, r.got.LimitMS)
	if err != nil {
		return "", err
	}
	if found.Outcome == capacity.Held {
		r.held, r.heldAt = served, rate
	}
	r.got.Steps = append(r.got.Steps, capacity.Step{
		Rate: rate, Served: served.Share, P95MS: served.P95MS, Outcome: found.Outcome, Code: found.Code, Why: found.Why,
	})
	r.say("%s: %.4g/s %s: %.4g %% in time, p95 %s%s", title(r.s), rate, strings.ReplaceAll(string(found.Outcome), "-", " "), 100*served.Share, units.Write(served.P95MS, "ms"), after("; ", found.Why))
	return found.Outcome, nil
}

// measure offers a constant load for a time, longer if there would be fewer than least requests.
func (r *climb) measure(ctx context.Context, rate float64, least int, length time.Duration, limit float64) (analyze.Served, capacity.Finding, error) {
	length = max(length, min(longestTry, time.Duration(float64(least)/rate*1e9)))
	p, err := r.planOf(rate, length)
	if err != nil {
		return analyze.Served{}, capacity.Finding{}, err
	}
	t, err := r.session.Measure(ctx, *p)
	switch {
	case err != nil:
		return analyze.Served{}, capacity.Finding{}, err
	case t.Broken != "":
		return analyze.Served{}, capacity.Finding{}, reason.Errorf("lab-broke", "%s: the lab broke at %.4g/s: %s", title(r.s), rate, t.Broken)
	}
	served := analyze.ServedBy(t)
	standard := capacity.Standard{Share: capacity.ShareOf(r.rep.Share, r.s.Reach, served.Offered), LimitMS: limit}
	if r.heldAt > 0 {
		standard.Demand = capacity.DemandOf(r.held, r.heldAt, rate)
	}
	return served, standard.Judge(served, r.t.WAN), nil
}

// planOf is the plan of one try.
func (r *climb) planOf(rate float64, length time.Duration) (*plan.Plan, error) {
	s := r.load
	s.Faults, s.Expect, s.Load.Rate = nil, nil, rate
	s.Phases = scenarios.Phases{WarmUp: warmUp, Baseline: length}
	r.tries++
	return plan.Compile(r.t, &s, r.tries, 1)
}

// estimate is the usual time of all states.
func (c *climber) estimate() (d time.Duration) {
	for _, s := range c.states {
		if s.Reach > 0 {
			d += perStart + s.After + usualTries*(warmUp+c.f.step+perTrial)
		}
	}
	if c.f.budget > 0 {
		d = min(d, c.f.budget)
	}
	return d
}

// title names a state with what it lost.
func title(s state.State) string {
	return s.Name + after(" without ", strings.Join(s.Lost, ", "))
}

// after is a text with what stands before it; empty if the text is.
func after(before, text string) string {
	if text == "" {
		return ""
	}
	return before + text
}

func (c *climber) say(format string, args ...any) { fmt.Fprintf(c.stderr, format+"\n", args...) }

// observer prints what the lab says, with -v.
func (c *climber) observer() sim.Observer {
	if c.f.verbose {
		return notes{write: c.say}
	}
	return sim.NopObserver{}
}

// notes prints the notes of a lab.
type notes struct {
	sim.NopObserver
	write func(string, ...any)
}

func (n notes) Note(text string) { n.write("%s", text) }
