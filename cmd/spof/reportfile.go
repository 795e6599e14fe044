package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
)

const maxReport = 256 << 20 // bytes

// readReport reads a report: a report.json, or the one in a directory.
func readReport(path string) (*analyze.Report, error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, reports.FileJSON)
	}
	data, err := plainfile.Read(path, maxReport)
	if err != nil {
		return nil, refusef("no-report", "%w; want the directory of a run, or its %s", err, reports.FileJSON)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, refusef("empty-report", "%s is empty", path)
	}
	var head struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, badReport(path, err)
	}
	if head.Schema != analyze.ReportSchema {
		return nil, refusef("unknown-schema", "%s: unknown schema %q, want %q", path, head.Schema, analyze.ReportSchema)
	}
	rep := new(analyze.Report)
	if err := json.Unmarshal(data, rep); err != nil {
		return nil, badReport(path, err)
	}
	return rep, checkReport(path, rep)
}

// badReport tells a file that ends too early from one that is no report.
func badReport(path string, err error) error {
	var syntax *json.SyntaxError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &syntax) && syntax.Error() == "unexpected end of JSON input" {
		return refusef("truncated-report", "%s ends in the middle: %w; write it again with spof report DIR", path, err)
	}
	return refusef("bad-report", "%s is no report: %w", path, err)
}

// checkReport refuses a report that no run writes.
func checkReport(path string, rep *analyze.Report) error {
	if n := len(rep.Cells); n == 0 || n > maxCells {
		return refusef("bad-report", "%s has %d cells; want 1 to %d", path, n, maxCells)
	}
	for _, c := range rep.Cells {
		if len(c.Trials) > plan.MaxTrials {
			return refusef("bad-report", "%s: %d trials of %s under %s; want at most %d", path, len(c.Trials), c.Topology, c.Scenario, plan.MaxTrials)
		}
		switch c.Verdict {
		case analyze.Pass, analyze.Fail, analyze.Inconclusive:
		default:
			return refusef("bad-report", "%s: verdict %q of %s under %s; valid are pass, fail, inconclusive", path, c.Verdict, c.Topology, c.Scenario)
		}
	}
	return nil
}
