package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// session is a run whose runtime and directory are ready.
type session struct {
	*choice
	flags    runFlags
	stderr   io.Writer
	traces   *os.Root
	capacity *sim.Capacity
	groups   [][]int       // indices of the plans of each lab, in the order of their start
	length   time.Duration // estimate for all labs
	costs    calibration
	cells    *cells
	beside   bool // its trials alternate with those of other sessions in the same room
	exports  *exports
}

func newSession(f runFlags, stderr io.Writer, took *choice, m manifest, traces *os.Root) *session {
	s := &session{choice: took, flags: f, stderr: stderr, traces: traces, capacity: f.capacity(), cells: newCells(m)}
	s.groups, s.length = schedule(s.plans, f.sideBySide(), s.capacity)
	s.costs = calibrated(engines(s.Runtime.Name(), f.builtin))
	return s
}

// announce prints what will run and for how long, the cells that are left out, and the warnings about the plans.
func (s *session) announce(scenarios []string) {
	f, again := s.flags, ""
	if f.retries > 0 {
		again = fmt.Sprintf("an inconclusive trial is run again, at most %d time(s); ", f.retries)
	}
	fmt.Fprintf(s.stderr, "%d cell(s) of %d trial(s) in %d lab(s) on %s (%s); seed %d; %sabout %s; report in %s\n",
		len(s.plans), f.trials, len(s.groups), s.Runtime.Name(), s.why, f.seed, again, roughly(s.length), f.out)
	if skipped := s.cells.of.Skipped; len(skipped) > 0 {
		fmt.Fprintf(s.stderr, "%d cell(s) left out:\n", len(skipped))
		for _, line := range reports.SkippedLines(skipped) { // each reason once
			fmt.Fprintf(s.stderr, "  %s\n", line)
		}
	}
	told := map[string]bool{}
	for i := range s.plans {
		t := &s.plans[i].Topology
		if t.Deployed == nil || told[t.Name] {
			continue
		}
		told[t.Name] = true
		fmt.Fprintf(s.stderr, "%s runs the files as they are; in the place of what a lab cannot have:\n", t.Name)
		for _, one := range t.Deployed.Substituted {
			fmt.Fprintf(s.stderr, "  %s\n", substitution(one))
		}
	}
	f.printWarnings(s.stderr, scenarios, s.plans, s.costs)
}

// execute runs the labs, shows their progress, and adds their trials to cells. It returns the error of the lab for each plan.
func (s *session) execute(ctx context.Context) ([]error, error) {
	progress := newProgress(s.stderr, isTerminal(s.stderr), s.flags.verbose)
	pace := newPace(s.stderr, s.plans)
	costs := s.costs
	if s.beside || s.flags.sideBySide() > 1 && len(s.groups) > 1 {
		costs.path = "" // learn nothing: labs side by side share the processors
	}
	broke, err := runLabs(ctx, s.plans, s.groups, s.flags.sideBySide(), s.flags.all, func(ctx context.Context, mine []plan.Plan) error {
		observer, ended := s.exports.follow(progress.lab(mine, pace.ended))
		err := sim.RunAll(ctx, mine, sim.Options{
			Runtime: s.Runtime, Observer: observer, Traces: s.traces, Version: version, Started: s.cells.of.Started, Capacity: s.capacity,
			Ended: func(t *trace.Trace) string {
				measured, _ := s.cells.add(t)
				progress.warn(costs.learn(t))
				again := s.flags.again(&measured)
				ended(t, &measured, again != "")
				return again
			},
		})
		if ctx.Err() == nil {
			pace.tell(progress.say)
		}
		return err
	})
	if !s.beside {
		s.capacity.Clear() // else another session may be measuring
	}
	progress.close()
	if s.flags.all && err == nil {
		pace.closing(s.length)
	}
	return broke, err
}

// carried is the load in requests/s that one processor carries for labs side by side. With a higher load, requests leave late.
const carried = 100

// sideBySide is the number of labs side by side: from -j, else 1, or with --all two for each processor.
func (f runFlags) sideBySide() int {
	switch {
	case f.jobs > 0:
		return f.jobs
	case f.all:
		return min(2*runtime.NumCPU(), 16)
	}
	return 1
}

// capacity bounds the load of all labs together; nil: -j was given, or there is one lab at a time.
func (f runFlags) capacity() *sim.Capacity {
	if f.jobs > 0 || f.sideBySide() == 1 {
		return nil
	}
	return sim.NewCapacity(carried * int64(runtime.NumCPU()))
}
