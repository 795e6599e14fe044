package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/wholefile"
)

// manifest is the list of cells of a run. It is written before the first trace, so that spof report knows which traces are missing.
type manifest struct {
	Schema  string         `json:"schema"`
	Command string         `json:"command"`
	Seed    uint64         `json:"seed"`
	Started time.Time      `json:"started"`
	Version string         `json:"version"`
	Cells   []manifestCell `json:"cells"`
	// Skipped are the cells that were left out.
	Skipped []analyze.Skipped `json:"skipped,omitempty"`
	// Designs have the settings of the cells' designs.
	Designs []analyze.Design `json:"designs,omitempty"`
}

// manifestCell identifies one cell; its traces have the same values.
type manifestCell struct {
	Topology string `json:"topology"`
	Scenario string `json:"scenario"`
	PlanHash string `json:"plan_hash"`
	Broke    string `json:"broke,omitempty"` // the error that ended it early
	// DependsOn has for each fault the settings that its prediction depends on (plan.Plan.DependsOn).
	DependsOn [][]string `json:"depends_on,omitempty"`
	// Sources are the places in the user's files; nil: design and scenario are bundled.
	Sources *analyze.Sources `json:"sources,omitempty"`
}

const (
	manifestSchema = "spof/run/v1"
	manifestName   = "run.json"
	manifestPath   = traceDir + "/" + manifestName
	maxManifest    = 16 << 20 // bytes
	maxCells       = 10_000   // also of those left out; all bundled scenarios on all bundled designs are about a thousand
)

func newManifest(plans []plan.Plan, command string, seed uint64, started time.Time) manifest {
	m := manifest{Schema: manifestSchema, Command: command, Seed: seed, Started: started, Version: version}
	for _, p := range plans {
		c := manifestCell{Topology: p.Topology.Name, Scenario: p.Scenario.Name, PlanHash: p.Hash()}
		for i := range p.Faults {
			c.DependsOn = append(c.DependsOn, p.DependsOn(i))
		}
		m.Cells = append(m.Cells, c)
	}
	return m
}

// describe gives a cell what only the manifest knows of it.
func (m manifestCell) describe(c *analyze.Cell) {
	c.Topology, c.Scenario, c.PlanHash, c.Sources = m.Topology, m.Scenario, m.PlanHash, m.Sources
	for i := range min(len(m.DependsOn), len(c.Predictions)) {
		c.Predictions[i].DependsOn = m.DependsOn[i]
	}
}

// report is the report of the run with these cells.
func (m manifest) report(cells []analyze.Cell) *analyze.Report {
	rep := analyze.NewReport(cells...)
	rep.Skipped, rep.Designs = m.Skipped, m.Designs
	rep.Seed, rep.Started, rep.Version, rep.Command = m.Seed, m.Started, m.Version, m.Command
	return &rep
}

// trace names the sources of each cell.
func (m manifest) trace(of []*analyze.Sources) {
	for i := range m.Cells {
		m.Cells[i].Sources = of[i]
	}
}

// write writes the manifest into the directory of the traces. On an error the old file stays.
func (m manifest) write(traces *os.Root) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err == nil {
		err = wholefile.Write(traces, manifestName, append(b, '\n'))
	}
	if err != nil {
		return fmt.Errorf("output: %s: %w", filepath.Join(traces.Name(), manifestName), err)
	}
	return nil
}

// readManifest reads the manifest of a run's directory.
func readManifest(dir string) (manifest, error) {
	var m manifest
	path := filepath.Join(dir, manifestPath)
	b, err := plainfile.Read(path, maxManifest)
	if err != nil {
		return m, refusef("not-a-run", "%s is not the directory of a run: %w", dir, err)
	}
	if err := plainfile.JSON(path, b, &m); err != nil {
		return m, refusef("bad-manifest", "%w; this is no manifest that spof run has written", err)
	}
	if m.Schema != manifestSchema {
		return m, refusef("unknown-schema", "%s: unknown schema %q, want %q", path, m.Schema, manifestSchema)
	}
	return m, m.check(path)
}

// check refuses a manifest that no run writes: each cell costs time and memory.
func (m manifest) check(path string) error {
	if n := max(len(m.Cells), len(m.Skipped)); n > maxCells {
		return refusef("too-many-cells", "%s: %d cells; a report has at most %d", path, n, maxCells)
	}
	seen := map[string]bool{}
	for _, c := range m.Cells {
		if seen[c.PlanHash] {
			return refusef("repeated-cell", "%s: the cell of %s under %s is listed twice", path, c.Topology, c.Scenario)
		}
		seen[c.PlanHash] = true
	}
	return nil
}
