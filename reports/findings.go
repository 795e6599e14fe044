package reports

import (
	"fmt"
	"io"

	"github.com/seed-ab8b6914/spof/reports/analyze"
)

// Finding is what a rule says of a user's file.
type Finding struct {
	Code string `json:"code"`
	File string `json:"file"`
	Line int    `json:"line"`
	Col  int    `json:"col"`
	What string `json:"what"`
	Why  string `json:"why,omitempty"`
	Cure string `json:"cure,omitempty"`
}

// Text gives the finding in one line, without its place.
func (f Finding) Text() string {
	text := f.What
	if f.Why != "" {
		text += ": " + f.Why
	}
	if f.Cure != "" {
		text += "; cure: " + f.Cure
	}
	return oneLine(text)
}

// FindingsSARIF writes findings as SARIF 2.1.0, for code review.
func FindingsSARIF(w io.Writer, version string, all []Finding) error {
	run := sarifRun{Results: []sarifResult{}, Invocations: []sarifInvocation{{Successful: true}}}
	run.Tool.Driver = sarifDriver{Name: "spof", Version: version, Rules: []sarifRule{}}
	for _, f := range all {
		at := physical(analyze.Place{File: f.File, Line: f.Line})
		at.Region.Col = f.Col
		run.Results = append(run.Results, sarifResult{
			RuleID: f.Code, RuleIndex: run.rule(f.Code), Level: "warning", Message: sarifText{f.Text()}, Locations: []sarifLocation{{Physical: at}},
			Fingerprints: map[string]string{sarifKey: fingerprint(f.Code, f.File, fmt.Sprint(f.Line), f.What)},
		})
	}
	return indented(w, sarifLog{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun{run}})
}
