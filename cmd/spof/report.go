package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

func newReport() *cobra.Command {
	var format, into string
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "judge and render the traces of a run again",
		Args:  usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return usageError{fmt.Errorf("--format %q: valid are text, json", format)}
			}
			rep, timelines, err := again(args[0])
			if err != nil {
				return err
			}
			dir, err := reportDir(args[0], into)
			if err != nil {
				return fmt.Errorf("output: %w", err)
			}
			defer dir.Close()
			return conclusion{rep: rep, timelines: timelines, traces: args[0], into: dir, format: format}.tell(cmd)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "what goes to standard output: text, json")
	cmd.Flags().StringVar(&into, "into", "", "another directory for the report, as where DIR is on a full disk (default DIR)")
	return cmd
}

// reportDir opens where the report of a run goes: its own directory, or another one that holds no report yet, which is made if
// it is missing.
func reportDir(run, into string) (*os.Root, error) {
	if into == "" {
		return os.OpenRoot(run)
	}
	old, err := survey(into)
	if err != nil {
		return nil, err
	}
	if len(old.files) > 0 {
		return nil, usageError{fmt.Errorf("%s holds %s already; choose another directory with --into", into, old.files[0])}
	}
	if err := os.MkdirAll(into, 0o755); err != nil {
		return nil, err
	}
	return os.OpenRoot(into)
}

// again analyses the traces in a run's directory, one after another.
func again(dir string) (*analyze.Report, []analyze.Timeline, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, nil, err
	}
	files, err := traceFiles(dir)
	if err != nil || len(files) == 0 {
		return nil, nil, usageError{errors.Join(fmt.Errorf("%s holds no traces (%s)", dir, filepath.Join(traceDir, "*.jsonl.gz")), err)}
	}
	cells, read := newCells(m), map[string]string{}
	for _, f := range files {
		t, err := trace.ReadFile(f)
		if err != nil {
			return nil, nil, usageError{err}
		}
		of := t.Header.PlanHash + sim.TraceName(t.Header)
		if earlier := read[of]; earlier != "" {
			return nil, nil, usageError{fmt.Errorf("%s and %s are traces of the same trial; take one of them away", earlier, f)}
		}
		read[of] = f
		if _, ours := cells.add(t); !ours {
			return nil, nil, usageError{fmt.Errorf("%s is not a trace of this run, but of %s under %s", f, t.Header.Plan.Topology.Name, t.Header.Plan.Scenario.Name)}
		}
	}
	rep, timelines := cells.report()
	return rep, timelines, nil
}
