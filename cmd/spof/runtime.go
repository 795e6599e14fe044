package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
)

// candidate is a way to bring labs up: a runtime, and whose programs stand on its nodes.
type candidate struct {
	what    string // for people
	runtime sim.Runtime
	engine  bool // it needs a container engine
	builtin bool // spof's own engines stand in for the real ones, where the runtime leaves the choice
}

// choice is the candidate that a run takes, and the plans that it carries out.
type choice struct {
	candidate
	why     string
	plans   []plan.Plan
	skipped []analyze.Skipped // only in a run of everything
}

// candidates lists what --runtime and --builtin allow, the truest to life first. An error says that none can be made.
func candidates(name string, builtin bool, binary string) ([]candidate, error) {
	containers := func(builtin bool, what string) (candidate, error) {
		rt, err := docker.New(docker.Options{Binary: binary, Builtin: builtin})
		return candidate{what, rt, true, builtin}, err
	}
	loopback := func() (candidate, error) {
		rt, err := local.New(local.Options{Binary: binary})
		return candidate{"spof's own engines on loopback", rt, false, false}, err
	}
	makers := map[string][]func() (candidate, error){
		"docker": {func() (candidate, error) { return containers(builtin, "containers, as asked for") }},
		"local":  {loopback},
		"auto": {
			func() (candidate, error) { return containers(false, "real engines in containers") },
			func() (candidate, error) { return containers(true, "spof's own engines in containers") },
			loopback,
		},
	}[name]
	if len(makers) == 0 {
		return nil, usageError{fmt.Errorf("--runtime %q: valid are auto, docker, local", name)}
	}
	if name == "auto" && builtin {
		makers = makers[1:]
	}
	var list []candidate
	var errs []error
	for _, make := range makers {
		c, err := make()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, errors.Join(errs...)
	}
	return list, docker.Configure()
}

// choose is pick of what the flags allow.
func (f runFlags) choose(ctx context.Context, plans []plan.Plan, say func(string)) (*choice, error) {
	list, err := candidates(f.runtime, f.builtin, f.binary)
	if err != nil {
		return nil, err
	}
	got, err := pick(ctx, list, plans, f.all, say)
	if err != nil {
		return nil, err
	}
	got.why = f.runtime + ": " + got.what
	return got, nil
}

// pick takes the first candidate that this machine has all for. It makes the images before it answers, so that nothing is left
// to fail for the lack of one. say tells in a line what is missing for each better candidate, and how to get it. A candidate
// that cannot carry a plan out is no way out: the error says so before anything starts.
func pick(ctx context.Context, list []candidate, plans []plan.Plan, all bool, say func(string)) (*choice, error) {
	return pickBy(ctx, list, plans, all, (*choice).prepare, say)
}

// pickBy is pick where something else says what a candidate lacks.
func pickBy(ctx context.Context, list []candidate, plans []plan.Plan, all bool,
	lacks func(*choice, context.Context, func(string)) error, say func(string)) (*choice, error) {
	var missing error // for the better candidates
	for i, c := range list {
		if c.engine && errors.Is(missing, docker.ErrNoEngine) {
			continue
		}
		got := &choice{candidate: c}
		if err := got.take(plans, all); err != nil {
			if missing == nil {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %s cannot carry this run out (%v), and what can is missing", docker.ErrUnavailable, c.what, err)
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
		say(c.lacking(err))
		missing = errors.Join(missing, err)
	}
	return nil, missing
}

// take splits the plans into those that the candidate carries out and those that a run of everything leaves out.
func (c *choice) take(plans []plan.Plan, all bool) error {
	if all {
		c.plans, c.skipped = narrow(c.runtime, plans)
		return nil
	}
	c.plans = plans
	var errs []error
	for _, p := range plans {
		if err := sim.Supports(c.runtime, p); err != nil {
			errs = append(errs, fmt.Errorf("%s on %s: %w", p.Scenario.Name, p.Topology.Name, err))
		}
	}
	return errors.Join(errs...)
}

// prepare makes what the labs of every design need.
func (c *choice) prepare(ctx context.Context, say func(string)) error {
	done := map[string]bool{}
	for _, p := range c.plans {
		if done[p.Topology.Name] {
			continue
		}
		done[p.Topology.Name] = true
		if err := c.runtime.Prepare(ctx, p.Topology, say); err != nil {
			return err
		}
	}
	return nil
}

// foresee says what prepare would fail for, as far as that is known before; it makes nothing.
func (c *choice) foresee(ctx context.Context, _ func(string)) error {
	if f, can := c.runtime.(interface{ Foresee(context.Context) error }); can {
		return f.Foresee(ctx)
	}
	return nil
}

// auto foresees what --runtime auto takes here, and what is missing for what it would rather take.
func auto(ctx context.Context) (takes string, missing []string) {
	list, err := candidates("auto", false, "")
	if err != nil {
		return "nothing", []string{err.Error()}
	}
	got, err := pickBy(ctx, list, nil, false, (*choice).foresee, func(line string) { missing = append(missing, line) })
	if err != nil {
		return "nothing", append(missing, err.Error())
	}
	return fmt.Sprintf("%s: %s", got.runtime.Name(), got.what), missing
}

// lacking is the line on why a candidate is passed by.
func (c candidate) lacking(err error) string {
	var m *docker.Missing
	if errors.As(err, &m) {
		return fmt.Sprintf("missing: %v; to change that: %s", m.What, m.Remedy)
	}
	return fmt.Sprintf("not possible here: %s: %s", c.what, strings.ReplaceAll(err.Error(), "\n", "; "))
}
