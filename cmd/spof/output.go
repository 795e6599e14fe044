package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed-ab8b6914/spof/reports"
)

const traceDir = "trace"

// prepareOut makes the directory of the report, and refuses one that holds an earlier report.
func prepareOut(dir string, overwrite bool) error {
	if _, err := os.Stat(filepath.Join(dir, reports.FileJSON)); err == nil && !overwrite {
		return usageError{fmt.Errorf("%s holds an earlier report; choose another with -o, or give --overwrite", dir)}
	}
	old, err := filepath.Glob(filepath.Join(dir, traceDir, "*.jsonl.gz"))
	if err != nil {
		return usageError{fmt.Errorf("-o %q: %w", dir, err)}
	}
	if len(old) > 0 && !overwrite {
		return usageError{fmt.Errorf("%s holds earlier traces; choose another with -o, or give --overwrite", dir)}
	}
	if overwrite { // a run that breaks off must not leave another's verdict behind
		for _, name := range []string{reports.FileJSON, reports.FileMarkdown, reports.FileJUnit, reports.FileHTML} {
			old = append(old, filepath.Join(dir, name))
		}
	}
	for _, f := range old {
		if err := os.Remove(f); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("output: %w", err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, traceDir), 0o755); err != nil {
		return fmt.Errorf("output: %w", err)
	}
	return nil
}

// forgetEmpty takes the directory of a run away again in which nothing was recorded; one that holds anything stays.
func forgetEmpty(dir string) {
	traces := filepath.Join(dir, traceDir)
	if recorded, err := filepath.Glob(filepath.Join(traces, "*.jsonl.gz")); err == nil && len(recorded) == 0 {
		for _, path := range []string{filepath.Join(traces, manifestName), traces, dir} {
			_ = os.Remove(path) // fails on a directory that is not empty
		}
	}
}
