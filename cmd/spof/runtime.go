package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/runtimes"
)

// candidate is a way to run labs.
type candidate = runtimes.Candidate

// choice is the candidate of a run, and the plans that it supports.
type choice struct {
	candidate
	why     string
	plans   []plan.Plan
	skipped []analyze.Skipped // only with --all
}

// candidates lists the candidates that --runtime and --builtin allow, the one of highest fidelity first. A program that fits only some
// of them is refused: auto must not take another runtime for it.
func candidates(name string, builtin bool, binary string) ([]candidate, error) {
	if binary != "" {
		if _, err := docker.ProgramArch(binary); err != nil {
			return nil, invalid(fmt.Errorf("--node-binary: %w", err))
		}
	}
	list, err := runtimes.List(name, builtin, docker.Options{Binary: binary})
	if errors.Is(err, runtimes.ErrUnknown) {
		return nil, refusef("flag-value", "--runtime %w", err)
	}
	if err != nil {
		return nil, err
	}
	return list, docker.Configure()
}

// choose picks among the candidates that the flags allow.
func (f runFlags) choose(ctx context.Context, plans []plan.Plan, say func(string)) (*choice, error) {
	list, err := candidates(f.runtime, f.builtin, f.binary)
	if err != nil {
		return nil, err
	}
	got, err := pick(ctx, list, plans, f.all, say)
	if err != nil {
		return nil, err
	}
	got.why = f.runtime + ": " + got.What
	return got, nil
}

// pick takes the first candidate for which this machine has everything. It builds the images, so that no lab fails later without one. say
// prints a line for each better candidate: what it lacks, and how to get it. It is an error if the first candidate that could run does
// not support a plan.
func pick(ctx context.Context, list []candidate, plans []plan.Plan, all bool, say func(string)) (*choice, error) {
	return pickBy(ctx, list, plans, all, (*choice).prepare, say)
}

// pickBy is pick with another check for what a candidate lacks.
func pickBy(ctx context.Context, list []candidate, plans []plan.Plan, all bool,
	lacks func(*choice, context.Context, func(string)) error, say func(string)) (*choice, error) {
	var missing error // of the better candidates
	var said string
	for i, c := range list {
		if c.Engine && errors.Is(missing, docker.ErrNoEngine) {
			continue
		}
		got := &choice{candidate: c}
		if err := got.take(plans, all); err != nil {
			if missing == nil {
				return nil, err
			}
			return nil, reason.Errorf("no-runtime", "%w: %s cannot run these plans (%v), and the better runtimes are missing", docker.ErrUnavailable, c.What, err)
		}
		err := lacks(got, ctx, say)
		switch {
		case err == nil:
			return got, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case i == len(list)-1:
			return nil, err
		}
		if line := c.Lacking(err); line != said { // two ways may lack the same
			say(line)
			said = line
		}
		missing = errors.Join(missing, err)
	}
	return nil, missing
}

// take keeps the plans that the candidate supports. With all it skips the others, else they are an error.
func (c *choice) take(plans []plan.Plan, all bool) error {
	if all {
		c.plans, c.skipped = narrow(c.Runtime, plans)
		return nil
	}
	c.plans = plans
	var errs []error
	for _, p := range plans {
		if err := sim.Supports(c.Runtime, p); err != nil {
			errs = append(errs, fmt.Errorf("%s on %s: %w", p.Scenario.Name, p.Topology.Name, err))
		}
	}
	return errors.Join(errs...)
}

// prepare builds what the labs of every design need.
func (c *choice) prepare(ctx context.Context, say func(string)) error {
	done := map[string]bool{}
	for _, p := range c.plans {
		if done[p.Topology.Name] {
			continue
		}
		done[p.Topology.Name] = true
		if err := c.Runtime.Prepare(ctx, p.Topology, say); err != nil {
			return err
		}
	}
	return nil
}

// foresee tells why prepare would fail, as far as it is known; it builds nothing.
func (c *choice) foresee(ctx context.Context, _ func(string)) error {
	if f, can := c.Runtime.(interface{ CanPrepare(context.Context) error }); can {
		return f.CanPrepare(ctx)
	}
	return nil
}

// auto foresees the choice of --runtime auto on this machine, and what the better candidates lack.
func auto(ctx context.Context) (takes string, missing []string) {
	list, err := candidates("auto", false, "")
	if err != nil {
		return "nothing", []string{reason.Text(err)}
	}
	got, err := pickBy(ctx, list, nil, false, (*choice).foresee, func(line string) { missing = append(missing, line) })
	if err != nil {
		return "nothing", append(missing, reason.Text(err))
	}
	return fmt.Sprintf("%s: %s", got.Runtime.Name(), got.What), missing
}
