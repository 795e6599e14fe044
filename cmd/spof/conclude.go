package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/terminal"
)

// conclusion is the end of a command that has judged a run.
type conclusion struct {
	rep       *analyze.Report
	timelines []analyze.Timeline
	traces    string   // the directory of the run
	into      *os.Root // where the report goes
	format    string   // of standard output: text, json
	lost      error    // what could not be run or written before
}

// tell prints the table and the verdict, then writes the report, so that a full disk cannot take the verdict along. It turns
// the verdict into the command's result.
func (c conclusion) tell(cmd *cobra.Command) error {
	stderr := cmd.ErrOrStderr()
	reports.Table(terminal.Raw(stderr), c.rep, isTerminal(stderr)) // which colours texts that it has made safe
	unwritten := reports.Write(c.into, c.rep, c.timelines)
	if unwritten == nil {
		reports.Place(stderr, c.into.Name())
		c.traces = "" // nothing is to be made of them elsewhere
	}
	if c.format == "json" {
		c.lost = errors.Join(c.lost, reports.JSON(cmd.OutOrStdout(), c.rep))
	}
	switch lost := errors.Join(c.lost, unwritten); {
	case lost != nil:
		return lossError{c.rep.Verdict, c.traces, lost}
	case c.rep.Verdict != analyze.Pass:
		return verdictError{c.rep.Verdict}
	}
	return nil
}

// lossError is a run that was judged, and of which not all could be run or written.
type lossError struct {
	verdict analyze.Verdict
	traces  string // the directory of the run; empty: its report was written
	cause   error
}

func (e lossError) Error() string {
	return fmt.Sprintf("the verdict is %s, but the run or its report is not whole: %s",
		strings.ToUpper(string(e.verdict)), strings.ReplaceAll(e.cause.Error(), "\n", "; "))
}

func (e lossError) Unwrap() error { return e.cause }

// hint says how to come by the report; empty where it was written, or nothing is left to make it from.
func (e lossError) hint() string {
	if e.traces == "" {
		return ""
	}
	kept, _ := traceFiles(e.traces)
	if len(kept) == 0 {
		return ""
	}
	return fmt.Sprintf("hint: %d trace(s) are kept; spof report %s --into DIR writes their report elsewhere\n", len(kept), quoted(e.traces))
}
