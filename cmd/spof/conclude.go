package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/terminal"
)

// conclusion is the end of a command that judged a run.
type conclusion struct {
	rep       *analyze.Report
	timelines []analyze.Timeline
	traces    string   // the directory of the run
	into      *os.Root // where the report goes
	format    string   // of standard output: text, json
	lost      error    // of the run: a lab that failed, a file that could not be written
}

// finish prints the table and the verdict, and then writes the report, so that a full disk does not lose the verdict. It returns the result of
// the command.
func (c conclusion) finish(cmd *cobra.Command) error {
	stderr := cmd.ErrOrStderr()
	reports.Table(terminal.Raw(stderr), c.rep, isTerminal(stderr)) // Table makes its texts safe
	unwritten := reports.Write(c.into, c.rep, c.timelines)
	if unwritten == nil {
		reports.Place(stderr, c.into.Name())
		c.traces = ""
	}
	if c.format == "json" {
		c.lost = errors.Join(c.lost, reports.JSON(cmd.OutOrStdout(), c.rep))
	}
	switch lost := errors.Join(c.lost, unwritten); {
	case lost != nil:
		return newLoss(c.rep.Verdict, c.traces, lost)
	case c.rep.Verdict != analyze.Pass:
		return verdictError{c.rep.Verdict}
	}
	return nil
}

// lossError is the error of a run with a verdict in which a lab failed or a file could not be written.
type lossError struct {
	error
	traces string // the directory of the run; empty: its report was written
}

func newLoss(verdict analyze.Verdict, traces string, cause error) lossError {
	return lossError{reason.Errorf("incomplete", "the verdict is %s, but the run or its report is not complete: %w",
		strings.ToUpper(string(verdict)), oneLine{cause}), traces}
}

func (e lossError) Unwrap() error { return e.error }

// oneLine is an error whose message has no line breaks.
type oneLine struct{ error }

func (e oneLine) Error() string { return strings.ReplaceAll(e.error.Error(), "\n", "; ") }

func (e oneLine) Unwrap() error { return e.error }

// hint says how to write the report to another directory; empty: the report was written, or there is no trace.
func (e lossError) hint() string {
	if e.traces == "" {
		return ""
	}
	kept, _ := traceFiles(e.traces)
	if len(kept) == 0 {
		return ""
	}
	return fmt.Sprintf("hint: %d trace(s) are kept; spof report %s --into DIR writes the report to another directory\n", len(kept), quoted(e.traces))
}
