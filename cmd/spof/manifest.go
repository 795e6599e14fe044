package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/wholefile"
)

// manifest is what a run set out to do. It is written beside the traces before the first of them, so that judging them
// again knows what is missing.
type manifest struct {
	Schema  string         `json:"schema"`
	Command string         `json:"command"`
	Seed    uint64         `json:"seed"`
	Started time.Time      `json:"started"`
	Version string         `json:"version"`
	Cells   []manifestCell `json:"cells"`
	// Skipped are the cells that are left out.
	Skipped []analyze.Skipped `json:"skipped,omitempty"`
}

// manifestCell is one cell by what its traces carry.
type manifestCell struct {
	Topology string `json:"topology"`
	Scenario string `json:"scenario"`
	PlanHash string `json:"plan_hash"`
	Broke    string `json:"broke,omitempty"` // why it was not run to its end
}

const (
	manifestSchema = "spof/run/v1"
	manifestName   = "run.json"
	manifestPath   = traceDir + "/" + manifestName
	maxManifest    = 16 << 20 // bytes
	maxCells       = 10_000   // and as many that are left out; all bundled scenarios on all bundled designs are some thousand
)

func newManifest(plans []scenarios.Plan, command string, seed uint64, started time.Time) manifest {
	m := manifest{Schema: manifestSchema, Command: command, Seed: seed, Started: started, Version: version}
	for _, p := range plans {
		m.Cells = append(m.Cells, manifestCell{Topology: p.Topology.Name, Scenario: p.Scenario.Name, PlanHash: p.Hash()})
	}
	return m
}

// write puts the manifest beside the traces. On an error what stood there stays.
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
		return m, usageError{fmt.Errorf("%s is not the report of a run: %w", dir, err)}
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return m, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	if m.Schema != manifestSchema {
		return m, usageError{fmt.Errorf("%s: unknown schema %q, want %q", path, m.Schema, manifestSchema)}
	}
	if err := m.check(); err != nil {
		return m, usageError{fmt.Errorf("%s: %w", path, err)}
	}
	return m, nil
}

// check refuses what no run sets out to do: a report takes its time and its memory for every cell.
func (m manifest) check() error {
	if n := max(len(m.Cells), len(m.Skipped)); n > maxCells {
		return fmt.Errorf("%d cells; a report has at most %d", n, maxCells)
	}
	seen := map[string]bool{}
	for _, c := range m.Cells {
		if seen[c.PlanHash] {
			return fmt.Errorf("the cell of %s under %s stands there twice", c.Topology, c.Scenario)
		}
		seen[c.PlanHash] = true
	}
	return nil
}
