package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/state"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// capacityFlags are the flags of spof capacity.
type capacityFlags struct {
	scenario string
	rate     float64 // offered by the design's users, requests per second; 0: that of the scenario
	perUser  float64 // requests per second; 0: the load / the users of the design
	states   []string
	atLeast  []string
	within   float64
	step     time.Duration
	budget   time.Duration // 0: none
	runtime  string
	builtin  bool
	binary   string
	format   string
	verbose  bool
}

func newCapacity() *cobra.Command {
	var f capacityFlags
	cmd := &cobra.Command{
		Use:   "capacity TOPOLOGY",
		Short: "measure how much load a design carries, whole and without some of its parts",
		Long: `Raise the load of a running design until the service no longer holds, and bisect to the highest rate that does: whole, without
each kind of node that serves (n-1), without two nodes (n-2), on the backup WAN, and on the generator. A rate holds if the
requests are answered in time; the scenario says when that is (measure.theta, load.patience, measure.latency_factor). The result
is an interval, what gives way first, the headroom over the load, and the number of users. Where this machine is the limit and
not the design, the result is a lower bound.

Exit codes: 1 if a rate of --at-least is not carried, 3 if this machine or the time does not allow to tell.`,
		Example: `  spof capacity dual-wan
  spof capacity ./proxies.yaml --rate 300 --at-least n-1=300/s --at-least backup-wan=100/s
  spof capacity generator-backed --states whole,generator --per-user 0.5 --format json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.register(cmd.Flags())
	return cmd
}

func (f *capacityFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.scenario, "scenario", "steady", "scenario that gives the requests and says when a rate holds; its faults do not count")
	fl.Float64Var(&f.rate, "rate", 0, "load of the design in requests/s, 1-100000 (default that of the scenario)")
	fl.Float64Var(&f.perUser, "per-user", 0, "requests/s of one user (default: load / users of the design)")
	fl.StringSliceVar(&f.states, "states", state.Names(), "states to measure, as far as the design has them")
	fl.StringArrayVar(&f.atLeast, "at-least", nil, "gate: `[STATE=]RATE` that a state must carry, such as n-1=200/s or 40users; without STATE: whole")
	fl.Float64Var(&f.within, "within", 0.1, "aim at an interval whose ends differ by this share, 0.02-1")
	fl.DurationVar(&f.step, "step", 4*time.Second, "measured part of a try, 1s-60s; a try at a low rate takes longer")
	fl.DurationVar(&f.budget, "budget", 0, "time for all states, such as 10m (default none)")
	fl.StringVar(&f.runtime, "runtime", "auto", "docker, local, or auto, as in spof run")
	fl.BoolVar(&f.builtin, "builtin", false, "use spof's own engines in place of Squid, HAProxy, nginx and keepalived")
	fl.StringVar(&f.binary, "node-binary", "", "static spof program for the nodes (default: this program)")
	fl.StringVar(&f.format, "format", "text", "standard output: text or json")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "print what the lab does")
}

// highestRate bounds the rates, as in a scenario.
const highestRate = 100_000

// check refuses flags out of range. set says whether a flag was given.
func (f *capacityFlags) check(set func(string) bool) error {
	switch {
	case set("rate") && !(f.rate >= 1 && f.rate <= highestRate):
		return refusef("flag-value", "--rate %g: want 1 to %d requests/s", f.rate, highestRate)
	case set("per-user") && !(f.perUser > 0 && f.perUser <= highestRate):
		return refusef("flag-value", "--per-user %g: want above 0 to %d requests/s", f.perUser, highestRate)
	case !(f.within >= 0.02 && f.within <= 1):
		return refusef("flag-value", "--within %g: want 0.02 to 1", f.within)
	case f.step < time.Second || f.step > time.Minute:
		return refusef("flag-value", "--step %s: want 1s to 60s", yamlfile.Span(f.step))
	case set("budget") && f.budget <= 0:
		return refusef("flag-value", "--budget %s: want a time above 0, such as 10m", yamlfile.Span(f.budget))
	}
	for _, name := range f.states {
		if !slices.Contains(state.Names(), name) {
			return refusef("flag-value", "--states %q%s: valid are %s", name, yamlfile.Suggest(name, state.Names()), strings.Join(state.Names(), ", "))
		}
	}
	return checkFormat(f.format)
}

func (f *capacityFlags) run(cmd *cobra.Command, design string) (err error) {
	stderr := cmd.ErrOrStderr()
	if err := f.check(cmd.Flags().Changed); err != nil {
		return err
	}
	c, err := f.climber(design, stderr)
	if err != nil {
		return err
	}
	ctx, release := interruptible(cmd.Context(), stderr)
	defer settle(ctx, release, &err)
	if err := f.choose(ctx, c, stderr); err != nil {
		return err
	}
	err = c.all(ctx)
	release()
	if len(c.rep.States) == 0 || ctx.Err() != nil {
		return err
	}
	c.rep.Finish()
	write := map[string]func(io.Writer, *capacity.Report) error{"text": reports.CapacityText, "json": reports.CapacityJSON}[f.format]
	if wrong := write(cmd.OutOrStdout(), &c.rep); wrong != nil {
		return wrong
	}
	if err == nil && c.rep.Verdict != analyze.Pass {
		err = verdictError{c.rep.Verdict}
	}
	return err
}

// climber reads the design and the scenario, and prepares the ramps.
func (f *capacityFlags) climber(design string, stderr io.Writer) (*climber, error) {
	t, err := topology.Load(design)
	if err != nil {
		return nil, invalid(err)
	}
	s, err := scenarios.Open(f.scenario, analyze.Expectable())
	if err != nil {
		return nil, invalid(err)
	}
	users := 0
	for _, g := range t.Users {
		users += g.Count
	}
	c := &climber{f: f, t: t, load: *s, stderr: stderr, rep: capacity.Report{
		Schema: capacity.Schema, Topology: t.Name, DesignHash: (&plan.Plan{Topology: *t}).DesignHash(), Scenario: s.Name, Version: version, Offered: f.rate, PerUser: f.perUser,
		Share: s.Measure.Theta, Within: f.within, StepS: f.step.Seconds(),
	}}
	if c.rep.Offered == 0 {
		c.rep.Offered = s.Load.Rate
	}
	if c.states, err = state.Of(t, s, f.states); err != nil {
		return nil, invalid(err)
	}
	if len(c.states) == 0 {
		return nil, refusef("no-state", "%s has none of the states %s", t.Name, strings.Join(f.states, ", "))
	}
	if c.rep.PerUser == 0 {
		c.rep.PerUser = c.rep.Offered / float64(users)
	}
	c.rep.Gates, err = f.gates(c.states, c.rep.PerUser)
	return c, err
}

// gates reads --at-least. A gate of a state that is not measured is refused.
func (f *capacityFlags) gates(states []state.State, perUser float64) (gates []capacity.Gate, err error) {
	for _, text := range f.atLeast {
		g, err := gateOf(text, perUser)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(states, func(s state.State) bool { return s.Name == g.State }) {
			return nil, refusef("flag-value", "--at-least %q: state %q is not measured: the design has no such state, or --states does not name it", text, g.State)
		}
		gates = append(gates, g)
	}
	return gates, nil
}

// gateOf reads [STATE=]RATE; a rate is 200/s or 40users. perUser is in requests per second.
func gateOf(text string, perUser float64) (g capacity.Gate, err error) {
	name, rate, named := strings.Cut(text, "=")
	if !named {
		name, rate = state.Whole, text
	}
	unit, digits := 1.0, strings.TrimSuffix(rate, "/s")
	if users, is := strings.CutSuffix(rate, "users"); is {
		unit, digits = perUser, users
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || digits == rate || !(v > 0 && v*unit > 0 && v*unit <= highestRate) {
		return g, refusef("flag-value", "--at-least %q: want [STATE=]RATE up to %d/s, such as n-1=200/s or 40users", text, highestRate)
	}
	return capacity.Gate{State: name, AtLeast: v * unit}, nil
}

// choose takes the best runtime that supports every state.
func (f *capacityFlags) choose(ctx context.Context, c *climber, stderr io.Writer) error {
	list, err := candidates(f.runtime, f.builtin, f.binary)
	if err != nil {
		return err
	}
	var plans []plan.Plan
	for _, s := range c.states {
		plans = append(plans, s.Plan)
	}
	got, err := pick(ctx, list, plans, false, func(text string) { fmt.Fprintln(stderr, text) })
	if err != nil {
		return err
	}
	c.runtime, c.rep.Runtime = got.Runtime, got.Runtime.Name()
	fmt.Fprintf(stderr, "%d state(s) of %s on %s (%s: %s), each in a lab of its own, about %s\n",
		len(c.states), c.t.Name, c.rep.Runtime, f.runtime, got.What, roughly(c.estimate()))
	return nil
}
