package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

func newReport() *cobra.Command {
	var format, into string
	cmd := &cobra.Command{
		Use:   "report DIR",
		Short: "judge the traces of a run again and write the report",
		Args:  usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(format); err != nil {
				return err
			}
			rep, timelines, err := again(args[0])
			if err != nil {
				return err
			}
			dir, err := reportDir(args[0], into)
			if err != nil {
				return outputError(err)
			}
			defer dir.Close()
			return conclusion{rep: rep, timelines: timelines, traces: args[0], into: dir, format: format}.finish(cmd)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "standard output: text or json")
	cmd.Flags().StringVar(&into, "into", "", "another directory for the report, for example if the disk of DIR is full (default DIR)")
	return cmd
}

// reportDir opens the directory for the report of a run: its own, or another one without a report, which is created if it is missing.
func reportDir(run, into string) (*os.Root, error) {
	if into == "" {
		return os.OpenRoot(run)
	}
	old, err := readEarlier(into)
	if err != nil {
		return nil, err
	}
	if len(old.files) > 0 {
		return nil, refusef("output-exists", "%s already holds %s; choose another directory with --into", into, old.files[0])
	}
	if err := os.MkdirAll(into, 0o755); err != nil {
		return nil, err
	}
	return os.OpenRoot(into)
}

// again analyses the traces in the directory of a run, one after another.
func again(dir string) (*analyze.Report, []analyze.Timeline, error) {
	m, err := readManifest(dir)
	if err != nil {
		return nil, nil, err
	}
	files, err := traceFiles(dir)
	if err != nil || len(files) == 0 {
		return nil, nil, invalid(errors.Join(reason.Errorf("no-traces", "%s holds no traces (%s)", dir, filepath.Join(traceDir, "*.jsonl.gz")), err))
	}
	cells, read := newCells(m), map[string]string{}
	for _, f := range files {
		t, err := trace.ReadFile(f)
		if err != nil {
			return nil, nil, invalid(err)
		}
		of := t.Header.PlanHash + sim.TraceName(t.Header)
		if earlier := read[of]; earlier != "" {
			return nil, nil, refusef("repeated-trace", "%s and %s are traces of the same trial; remove one of them", earlier, f)
		}
		read[of] = f
		if _, ours := cells.add(t); !ours {
			return nil, nil, refusef("foreign-trace", "%s is not a trace of this run, but of %s under %s", f, t.Header.Plan.Topology.Name, t.Header.Plan.Scenario.Name)
		}
	}
	rep, timelines := cells.report()
	return rep, timelines, nil
}
