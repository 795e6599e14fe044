package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/wholefile"
)

// earlier is what stands in a directory that a run would write to.
type earlier struct {
	dir   string
	files []string  // at the names of a report's files, half ones too, and all among the traces; relative to dir
	other bool      // whether anything else stands there
	run   *manifest // what wrote the report; nil: there is none of spof
}

// survey looks at a directory. One that does not exist holds nothing.
func survey(dir string) (earlier, error) {
	e := earlier{dir: dir, run: ofRun(dir)}
	entries, err := os.ReadDir(dir)
	for _, entry := range entries {
		switch name := entry.Name(); {
		case slices.Contains(reports.Files(), wholefile.Of(name)):
			e.files = append(e.files, name)
		case name != traceDir:
			e.other = true
		}
	}
	traces, errTraces := os.ReadDir(filepath.Join(dir, traceDir))
	for _, entry := range traces {
		e.files = append(e.files, filepath.Join(traceDir, entry.Name()))
	}
	for _, err := range []error{err, errTraces} {
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return e, err
		}
	}
	return e, nil
}

// ofRun gives what the run set out to do that wrote the report in a directory; nil where there is none. A report by itself,
// made elsewhere from the run's traces, has no cells here.
func ofRun(dir string) *manifest {
	if regular(filepath.Join(dir, manifestPath)) {
		if m, err := readManifest(dir); err == nil {
			return &m
		}
		return nil
	}
	if file := filepath.Join(dir, reports.FileJSON); regular(file) && isReport(file) {
		return new(manifest)
	}
	return nil
}

// isReport reports whether a file begins as a report.json of ours does.
func isReport(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	var begin [3]json.Token
	text := json.NewDecoder(f)
	for i := range begin {
		if begin[i], err = text.Token(); err != nil {
			return false
		}
	}
	return begin == [3]json.Token{json.Delim('{'), "schema", analyze.ReportSchema}
}

// refuse says why a run must not write here.
func (e earlier) refuse(overwrite bool) error {
	for _, path := range e.files {
		if !e.wrote(path) {
			return usageError{fmt.Errorf("%s was not written by a run of spof in %s, and nothing is replaced; choose another directory with -o", filepath.Join(e.dir, path), e.dir)}
		}
	}
	switch {
	case len(e.files) > 0 && !overwrite:
		return usageError{fmt.Errorf("%s holds an earlier report; choose another with -o, or give --overwrite", e.dir)}
	case e.run == nil && e.other && overwrite:
		return usageError{fmt.Errorf("%s holds no report of spof that --overwrite could replace, but other files; choose another with -o", e.dir)}
	}
	return nil
}

// wrote reports whether a file is one that the run wrote.
func (e earlier) wrote(path string) bool {
	if e.run == nil || !regular(filepath.Join(e.dir, path)) {
		return false
	}
	dir, name := filepath.Split(path)
	name = wholefile.Of(name)
	return dir == "" || name == manifestName || slices.ContainsFunc(e.run.Cells, func(c manifestCell) bool {
		return sim.IsTrace(name, c.Topology, c.Scenario)
	})
}

// regular reports whether a path is a file itself, and no link to one.
func regular(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}
