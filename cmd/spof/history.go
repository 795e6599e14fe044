package main

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/reports/history"
)

// historyFlags are the flags of spof history.
type historyFlags struct {
	format   string
	html     string
	effects  []string
	measures []string
	accept   []string
	alpha    float64
	last     int
	within   int
}

func newHistory() *cobra.Command {
	var f historyFlags
	cmd := &cobra.Command{
		Use:   "history DIR...",
		Short: "find the runs since which a measure is better or worse",
		Long: `Find change points over many runs: for each cell and measure the runs between which its value changed. DIR is a directory
with reports in it or below it (report.json), or a report. The order is that of the runs' start.

A run gives one value of a measure, the median over its trials. Change points are found by E-divisive means and tested by
permutations; the probability of a false alarm over all series is at most --alpha. Runs on other machines, with other engines
or another version are series of their own, as spof diff does not compare them.

Exit codes: 0 also for a change; with --fail-within N 1 if a measure became worse within the newest N runs, and 3 if there are
too few runs; 4 bad input.`,
		Example: `  spof history out
  spof history out --html history.html --measures failover,lost_ratio
  spof history nightly --last 30 --fail-within 7`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.tell(cmd.OutOrStdout(), args) },
	}
	f.register(cmd.Flags())
	return cmd
}

func (f *historyFlags) register(fl *pflag.FlagSet) {
	fl.StringVar(&f.format, "format", "text", "standard output: text or json")
	fl.StringVarP(&f.html, "html", "o", "", "write a page with a chart of each series to this `FILE`")
	fl.StringSliceVar(&f.effects, "min-effect", nil, "least change that counts, as in spof diff: UNIT=VALUE or MEASURE=VALUE")
	fl.StringSliceVar(&f.measures, "measures", nil, "measures to test (default: the main ones, and those that the scenario bounds)")
	fl.StringSliceVar(&f.accept, "accept", nil, "do not begin another series for a difference: its code, for example other-version")
	fl.Float64Var(&f.alpha, "alpha", 0.05, "probability of a false alarm over all series, 0.001 to 0.5")
	fl.IntVar(&f.last, "last", 100, "take only the newest runs, 1 to 1000")
	fl.IntVar(&f.within, "fail-within", 0, "exit code 1 if a measure became worse within the newest N runs of its series, 0 (never) to 1000")
}

const mostRuns = 1000 // of --last and --fail-within

// options checks the flags.
func (f historyFlags) options() (o history.Options, err error) {
	if err := checkFormat(f.format); err != nil {
		return o, err
	}
	switch {
	case !(f.alpha >= 0.001 && f.alpha <= 0.5):
		return o, refusef("flag-value", "--alpha %g: want 0.001 to 0.5", f.alpha)
	case f.last < 1 || f.last > mostRuns:
		return o, refusef("flag-value", "--last %d: want 1 to %d", f.last, mostRuns)
	case f.within < 0 || f.within > mostRuns:
		return o, refusef("flag-value", "--fail-within %d: want 0 to %d", f.within, mostRuns)
	case f.html != "" && slices.Contains(reports.Files(), filepath.Base(f.html)):
		return o, refusef("flag-value", "--html %s: a run's report has a file of this name; choose another, for example history.html", f.html)
	}
	o = history.Options{Alpha: f.alpha, Measures: f.measures, Accept: f.accept, Last: f.last, Within: f.within}
	if o.Effects, err = compare.ParseEffects(f.effects); err != nil {
		return o, invalid(err)
	}
	return o, invalid(compare.Check(compare.Options{Measures: f.measures, Accept: f.accept}))
}

// tell makes the history of the reports at paths, prints it, writes its page, and gives the result of the command.
func (f historyFlags) tell(w io.Writer, paths []string) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	runs, err := readRuns(paths)
	if err != nil {
		return err
	}
	h := history.Of(runs, o)
	write := map[string]func(io.Writer, *history.History) error{"text": reports.HistoryText, "json": reports.HistoryJSON}[f.format]
	if err := write(w, h); err != nil {
		return err
	}
	if f.html != "" {
		if err := writePage(f.html, h); err != nil {
			return err
		}
	}
	return f.result(h)
}

func writePage(path string, h *history.History) error {
	var page bytes.Buffer
	if err := reports.HistoryHTML(&page, h); err != nil {
		return err
	}
	if err := writeIn(filepath.Dir(path), filepath.Base(path), page.Bytes()); err != nil {
		return outputError(err)
	}
	return nil
}

// result is the result of the command: a verdict only with --fail-within.
func (f historyFlags) result(h *history.History) error {
	switch {
	case f.within == 0:
		return nil
	case h.WorseWithin(f.within):
		return verdictError{analyze.Fail}
	case !h.Tested() || h.Untested() != nil:
		return verdictError{analyze.Inconclusive}
	}
	return nil
}

// readRuns reads all reports at paths and below them. The error has every report that cannot be read.
func readRuns(paths []string) ([]history.Run, error) {
	files, err := reportFiles(paths)
	if err != nil {
		return nil, err
	}
	var runs []history.Run
	var errs []error
	for _, file := range files {
		rep, err := readReport(file)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		run, err := history.Read(runName(file), rep)
		runs, errs = append(runs, run), append(errs, invalid(err))
	}
	return runs, errors.Join(errs...)
}

// runName names a run by the directory of its report.
func runName(file string) string {
	if filepath.Base(file) == reports.FileJSON {
		return filepath.Dir(file)
	}
	return file
}
