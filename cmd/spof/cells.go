package main

import (
	"context"
	"errors"
	"sync"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// runCells runs every plan, at most jobs side by side, and returns the traces of each in the order of the plans. When
// one fails the others are cancelled; the first cause is returned.
func runCells(ctx context.Context, plans []scenarios.Plan, jobs int, run func(context.Context, scenarios.Plan) ([]*trace.Trace, error)) ([][]*trace.Trace, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	traces := make([][]*trace.Trace, len(plans))
	errs := make([]error, len(plans))
	slots := make(chan struct{}, jobs)
	var all sync.WaitGroup
	for i, p := range plans {
		slots <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		all.Go(func() {
			defer func() { <-slots }()
			traces[i], errs[i] = run(ctx, p)
			if errs[i] != nil {
				cancel(errs[i])
			}
		})
	}
	all.Wait()
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return traces, cause
	}
	return traces, errors.Join(errs...)
}

// judge turns the traces of every cell of a run into the report and the pictures' data.
func judge(m manifest, cells [][]*trace.Trace) (*analyze.Report, []analyze.Timeline) {
	var judged []analyze.Cell
	var timelines []analyze.Timeline
	for i, traces := range cells {
		c := analyze.CellOf(traces)
		c.Topology, c.Scenario, c.PlanHash = m.Cells[i].Topology, m.Cells[i].Scenario, m.Cells[i].PlanHash
		judged = append(judged, c)
		for _, t := range traces {
			timelines = append(timelines, analyze.TimelineOf(t))
		}
	}
	rep := analyze.NewReport(judged...)
	rep.Seed, rep.Started, rep.Version, rep.Command = m.Seed, m.Started, m.Version, m.Command
	return &rep, timelines
}
