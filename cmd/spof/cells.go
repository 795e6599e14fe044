package main

import (
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// judge turns the traces of every cell of a run into the report and the pictures' data.
func judge(m manifest, cells [][]*trace.Trace) (*analyze.Report, []analyze.Timeline) {
	var judged []analyze.Cell
	var timelines []analyze.Timeline
	for i, traces := range cells {
		c := analyze.CellOf(traces)
		if why := m.Cells[i].Broke; why != "" {
			c.Reasons = append(c.Reasons, "the run broke off: "+why)
		}
		c.Topology, c.Scenario, c.PlanHash = m.Cells[i].Topology, m.Cells[i].Scenario, m.Cells[i].PlanHash
		judged = append(judged, c)
		for _, t := range traces {
			timelines = append(timelines, analyze.TimelineOf(t))
		}
	}
	rep := analyze.NewReport(judged...)
	rep.Skipped = m.Skipped
	rep.Seed, rep.Started, rep.Version, rep.Command = m.Seed, m.Started, m.Version, m.Command
	return &rep, timelines
}
