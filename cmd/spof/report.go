package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

func newReport() *cobra.Command {
	var format string
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
			return conclude(cmd, rep, timelines, args[0], format)
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "what goes to standard output: text, json")
	return cmd
}

// again analyses the traces in a run's directory. What only the run knew (its command) is taken from the old report.
func again(dir string) (*analyze.Report, []analyze.Timeline, error) {
	files, err := filepath.Glob(filepath.Join(dir, traceDir, "*.jsonl.gz"))
	if err != nil || len(files) == 0 {
		return nil, nil, usageError{fmt.Errorf("%s holds no traces (%s)", dir, filepath.Join(traceDir, "*.jsonl.gz"))}
	}
	cells, err := readCells(files)
	if err != nil {
		return nil, nil, err
	}
	rep, timelines := judge(cells)
	first := cells[0][0].Header
	rep.Seed, rep.Started, rep.Version = first.Plan.Seed, first.Started, first.Version
	var old analyze.Report
	b, err := os.ReadFile(filepath.Join(dir, reports.FileJSON))
	if err == nil {
		err = json.Unmarshal(b, &old)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, nil, fmt.Errorf("the old report: %w", err)
	}
	rep.Command = old.Command
	return rep, timelines, nil
}

// readCells groups the traces by their plan, in the order in which the cells first ran; trials are in order.
func readCells(files []string) ([][]*trace.Trace, error) {
	byPlan := map[string][]*trace.Trace{}
	for _, f := range files {
		t, err := trace.ReadFile(f)
		if err != nil {
			return nil, usageError{fmt.Errorf("%s: %w", f, err)}
		}
		byPlan[t.Header.PlanHash] = append(byPlan[t.Header.PlanHash], t)
	}
	var cells [][]*trace.Trace
	for _, traces := range byPlan {
		sort.Slice(traces, func(i, j int) bool { return traces[i].Header.Trial < traces[j].Header.Trial })
		cells = append(cells, traces)
	}
	sort.Slice(cells, func(i, j int) bool { return cells[i][0].Header.Epoch < cells[j][0].Header.Epoch })
	return cells, nil
}
