package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// sources gives, for each plan, the places in the user's files that it comes from; nil for a plan with nothing but bundled ones. args
// and designs are files or bundled names.
func sources(args, designs []string, plans []plan.Plan) []*analyze.Sources {
	topologies, faults := map[string]*analyze.Place{}, map[string]*analyze.Sources{}
	for _, arg := range designs {
		file, _, variant := topology.Variant(arg)
		if !variant {
			file = arg
		}
		if slices.Contains(topology.Designs(), file) {
			continue
		}
		if t, err := topology.Load(arg); err == nil {
			topologies[t.Name] = placeIn(file, "topology")
		}
	}
	for _, arg := range args {
		if s, err := scenarios.Open(arg, analyze.Expectable()); err == nil && !slices.Contains(scenarios.Library(), arg) {
			faults[s.Name] = scenarioSource(arg, s)
		}
	}
	all := make([]*analyze.Sources, len(plans))
	for i, p := range plans {
		of := analyze.Sources{Topology: topologies[p.Topology.Name]}
		if s := faults[p.Scenario.Name]; s != nil {
			of.Scenario, of.Bounds = s.Scenario, s.Bounds
		}
		if of.Topology != nil || of.Scenario != nil {
			all[i] = &of
		}
	}
	return all
}

// scenarioSource gives the places of a scenario's file.
func scenarioSource(file string, s *scenarios.Scenario) *analyze.Sources {
	key := "faults"
	if len(s.Faults) == 0 {
		key = "expect"
	}
	of := &analyze.Sources{Scenario: placeIn(file, key), Bounds: map[string]int{}}
	for _, e := range s.Expect {
		if at := placeIn(file, "expect", e.Measure); at != nil {
			of.Bounds[e.Measure] = at.Line
		}
	}
	return of
}

// placeIn gives the line of the value at a path of keys of a file; nil: the file cannot be read.
func placeIn(file string, path ...string) *analyze.Place {
	_, data, err := source(file)
	if err != nil {
		return nil
	}
	rest := strings.TrimPrefix(yamlfile.Locate(file, data, path...), file+":")
	digits, _, _ := strings.Cut(rest, ":")
	line, err := strconv.Atoi(digits)
	if err != nil {
		return nil
	}
	return &analyze.Place{File: file, Line: line}
}
