package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// warned is a warning about the plans of one scenario, with the designs that have it.
type warned struct {
	scenarios.Warning
	where    string // file:line:col in the scenario's file
	scenario string
	designs  []string
}

// line formats a warning with its position and code.
func (w warned) line() string {
	level := "warning"
	if w.Note {
		level = "note"
	}
	text := fmt.Sprintf("%s: %s: %s", w.where, level, w.What)
	if len(w.designs) > 0 {
		text += " (" + strings.Join(w.designs, ", ") + ")"
	}
	return reason.Line(text, w.Code)
}

// warnings returns the warnings about plans. Plans of one scenario with equal warnings share one. args are the files or names of the
// scenarios.
func warnings(args []string, plans []plan.Plan, of func(*plan.Plan) []scenarios.Warning) []warned {
	var all []warned
	for i := range plans {
		p := &plans[i]
		for _, w := range of(p) {
			at := slices.IndexFunc(all, func(o warned) bool {
				return o.scenario == p.Scenario.Name && o.Fault == w.Fault && o.What == w.What
			})
			if at < 0 {
				at = len(all)
				all = append(all, warned{Warning: w, where: place(args, p.Scenario.Name, w), scenario: p.Scenario.Name})
			}
			all[at].designs = append(all[at].designs, p.Topology.Name)
		}
	}
	return all
}

// place returns the position of a warning in the file of its scenario. Plans have no positions.
func place(args []string, scenario string, w scenarios.Warning) string {
	for _, arg := range args {
		s, err := scenarios.Open(arg, analyze.Expectable())
		if err != nil || s.Name != scenario {
			continue
		}
		if w.Fault > 0 && w.Fault <= len(s.Faults) {
			return s.Faults[w.Fault-1].Target.Where
		}
		if file, data, err := source(arg); err == nil {
			return yamlfile.Locate(file, data, w.At...)
		}
	}
	return scenario
}

// refuse removes the plans that can only be inconclusive. With --all they are skipped with the reason, else they are an error.
func (f runFlags) refuse(args []string, plans []plan.Plan) (kept []plan.Plan, left []analyze.Skipped, err error) {
	for i := range plans {
		why := alwaysInconclusive(&plans[i])
		if len(why) == 0 {
			kept = append(kept, plans[i])
			continue
		}
		left = append(left, analyze.Skipped{Topology: plans[i].Topology.Name, Scenario: plans[i].Scenario.Name, Reason: why[0].What, Code: why[0].Code})
	}
	if f.all {
		return kept, left, nil
	}
	var errs []error
	for _, w := range warnings(args, plans, alwaysInconclusive) {
		errs = append(errs, reason.Errorf(w.Code, "%s: %s on %s can only be inconclusive: %s",
			w.where, w.scenario, strings.Join(w.designs, ", "), w.What))
	}
	return kept, nil, invalid(errors.Join(errs...))
}

// alwaysInconclusive returns the warnings that say that every trial of a plan would be inconclusive.
func alwaysInconclusive(p *plan.Plan) []scenarios.Warning {
	return slices.DeleteFunc(p.Warnings(), func(w scenarios.Warning) bool { return !w.Inconclusive })
}

// printWarnings prints the warnings at the start of a run. With --all it counts the missing predictions instead of printing them.
func (f runFlags) printWarnings(w io.Writer, args []string, plans []plan.Plan, c calibration) {
	unpredicted := 0
	for _, known := range warnings(args, plans, func(p *plan.Plan) []scenarios.Warning { return append(p.Warnings(), c.demand(p)...) }) {
		if known.Note && f.all {
			unpredicted += len(known.designs)
			continue
		}
		fmt.Fprintln(w, known.line())
	}
	if unpredicted > 0 {
		fmt.Fprintf(w, "%d fault(s) have no prediction; the report says why\n", unpredicted)
	}
}

// validatePlans compiles scenarios on designs. The error joins the reasons of all pairs that do not compile.
func validatePlans(args, designs []string) ([]plan.Plan, error) {
	var errs []error
	var plans []plan.Plan
	var todo []*scenarios.Scenario
	for _, arg := range args {
		if s, err := scenarios.Open(arg, analyze.Expectable()); err == nil { // else it is a design, or validateFile has reported its problems
			todo = append(todo, s)
		}
	}
	if len(todo) == 0 {
		return nil, refusef("no-scenario", "-t: none of the files is a valid scenario")
	}
	for _, name := range designs {
		t, err := topology.Load(name)
		if err != nil {
			errs = append(errs, invalid(err))
			continue
		}
		for _, s := range todo {
			p, err := plan.Compile(t, s, 1, 1)
			if err != nil {
				errs = append(errs, invalid(err))
				continue
			}
			plans = append(plans, *p)
		}
	}
	return plans, errors.Join(errs...)
}

// printPredictions prints the predictions and promises of plans, and their warnings. It returns the number of warnings.
func printPredictions(w io.Writer, args []string, plans []plan.Plan) (warned int) {
	for i := range plans {
		fmt.Fprint(w, plan.Outlook(&plans[i]))
	}
	for _, one := range warnings(args, plans, known) {
		fmt.Fprintln(w, one.line())
		if !one.Note {
			warned++
		}
	}
	if len(plans) > 0 && !measured(plans) {
		fmt.Fprintln(w, "note: the first run on this machine will show whether the machine can carry this load")
	}
	return warned
}

// designsAmong returns the designs among some files; nil: no scenario is among the files.
func designsAmong(args []string) (designs []string) {
	both := false
	for _, arg := range args {
		if _, err := topology.Load(arg); err == nil {
			designs = append(designs, arg)
			continue
		}
		_, err := scenarios.Open(arg, analyze.Expectable())
		both = both || err == nil
	}
	if !both {
		return nil
	}
	return designs
}

// measured reports whether an earlier run has measured the cost of a request of one of the plans on this machine.
func measured(plans []plan.Plan) bool {
	return slices.ContainsFunc(calibrations(), func(c calibration) bool {
		return slices.ContainsFunc(plans, func(p plan.Plan) bool { return c.knows(&p) })
	})
}

// known returns all warnings about a plan whose runtime is not chosen yet.
func known(p *plan.Plan) []scenarios.Warning {
	all := p.Warnings()
	for _, c := range calibrations() {
		if more := c.demand(p); len(more) > 0 {
			return append(all, more...)
		}
	}
	return all
}
