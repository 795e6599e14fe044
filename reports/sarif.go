package reports

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// The parts of SARIF 2.1.0 (OASIS) that code scanners show: a rule for each reason code, a result for each bound that was missed and for
// each other reason, with the line of the user's file.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID string `json:"id"`
	}
	sarifInvocation struct {
		Successful bool   `json:"executionSuccessful"`
		Command    string `json:"commandLine,omitempty"`
		Started    string `json:"startTimeUtc,omitempty"`
		// Notices are the cells that were left out.
		Notices []sarifNotice `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotice struct {
		Level      string           `json:"level"`
		Message    sarifText        `json:"message"`
		Descriptor *sarifDescriptor `json:"descriptor,omitempty"`
	}
	sarifDescriptor struct {
		ID string `json:"id"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Related      []sarifLocation   `json:"relatedLocations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
		Message  *sarifText     `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		Line int `json:"startLine"`
		Col  int `json:"startColumn,omitempty"`
	}
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
	}
)

// The form of report.sarif.
const (
	sarifVersion = "2.1.0"
	sarifKey     = "spofCell/v1" // of fingerprints
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
)

// missed is the reason code of a bound that was missed.
const missed = "bound-missed"

// writeSARIF writes report.sarif. A cell that passed has no result.
func writeSARIF(w io.Writer, rep *analyze.Report, _ []analyze.Timeline) error {
	run := sarifRun{Results: []sarifResult{}, Invocations: []sarifInvocation{{Successful: true, Command: rep.Command}}}
	if !rep.Started.IsZero() {
		run.Invocations[0].Started = rep.Started.UTC().Format(time.RFC3339)
	}
	for _, s := range rep.Skipped {
		notice := sarifNotice{Level: "note", Message: sarifText{oneLine(s.Topology + " under " + s.Scenario + " was left out: " + s.Reason)}}
		if s.Code != "" {
			notice.Descriptor = &sarifDescriptor{s.Code}
		}
		run.Invocations[0].Notices = append(run.Invocations[0].Notices, notice)
	}
	run.Tool.Driver = sarifDriver{Name: "spof", Version: rep.Version, Rules: []sarifRule{}}
	for _, c := range rep.Cells {
		if c.Verdict != analyze.Pass {
			run.add(c)
		}
	}
	return indented(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}

// add adds the results of a cell: each bound that was missed at its line, and each other reason at the line of the faults.
func (r *sarifRun) add(c analyze.Cell) {
	bounds := 0
	for _, b := range boundsOf(c) {
		if b.Missed > 0 {
			bounds++
			text := fmt.Sprintf("%s %s: measured %s, met in %s", b.Measure, b.Text, b.Seen, b.Trials())
			r.result(c, missed, b.Measure, text)
		}
	}
	for i, reason := range c.Reasons {
		code := string(c.Verdict)
		if i < len(c.Codes) {
			code = c.Codes[i]
		}
		if code != missed || bounds == 0 {
			r.result(c, code, "", reason)
		}
	}
	if len(c.Reasons) == 0 && bounds == 0 {
		r.result(c, string(c.Verdict), "", c.Sentence)
	}
}

func (r *sarifRun) result(c analyze.Cell, code, measure, text string) {
	level := "error"
	if c.Verdict != analyze.Fail {
		level = "warning" // nothing was proven
	}
	text = c.Topology + " under " + c.Scenario + ": " + text
	if c.Sentence != "" && !strings.Contains(text, c.Sentence) {
		text += ". " + c.Sentence
	}
	key := fingerprint(c.Topology, c.Scenario, code, measure)
	for n := 2; slices.ContainsFunc(r.Results, func(o sarifResult) bool { return o.Fingerprints[sarifKey] == key }); n++ {
		key = fingerprint(c.Topology, c.Scenario, code, measure, fmt.Sprint(n))
	}
	r.Results = append(r.Results, sarifResult{
		RuleID: code, RuleIndex: r.rule(code), Level: level, Message: sarifText{oneLine(text)},
		Locations: []sarifLocation{where(c, measure)}, Related: designOf(c),
		Fingerprints: map[string]string{sarifKey: key},
	})
}

// fingerprint identifies a result over several runs.
func fingerprint(parts ...string) string {
	key := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return fmt.Sprintf("%x", key[:16])
}

// rule gives the index of a rule, which it adds if it is new.
func (r *sarifRun) rule(code string) int {
	rules := &r.Tool.Driver.Rules
	at := slices.Index(*rules, sarifRule{code})
	if at < 0 {
		at = len(*rules)
		*rules = append(*rules, sarifRule{code})
	}
	return at
}

// where gives the place of a result: the bound of a measure in the scenario's file, else its faults, else the design. Bundled ones have a
// name only.
func where(c analyze.Cell, measure string) sarifLocation {
	at := sarifLocation{Logical: []sarifLogical{{c.Topology + "/" + c.Scenario}}}
	s := c.Sources
	if s == nil {
		return at
	}
	place := s.Topology
	if s.Scenario != nil {
		whole := *s.Scenario
		if line := s.Bounds[measure]; line > 0 {
			whole.Line = line
		}
		place = &whole
	}
	if place != nil {
		at.Physical = physical(*place)
	}
	return at
}

// designOf gives the place of the design beside that of the scenario.
func designOf(c analyze.Cell) []sarifLocation {
	if c.Sources == nil || c.Sources.Topology == nil || c.Sources.Scenario == nil {
		return nil
	}
	return []sarifLocation{{Physical: physical(*c.Sources.Topology), Message: &sarifText{"the design " + oneLine(c.Topology)}}}
}

func physical(p analyze.Place) *sarifPhysical {
	u := url.URL{Path: filepath.ToSlash(filepath.Clean(p.File))}
	if filepath.IsAbs(p.File) {
		u.Scheme = "file"
	}
	return &sarifPhysical{sarifArtifact{u.String()}, sarifRegion{Line: max(1, p.Line)}}
}
