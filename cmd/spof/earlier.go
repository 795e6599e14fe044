package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/seed-ab8b6914/spof/reports"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/wholefile"
)

// earlier is the content of a directory that a run is to write to.
type earlier struct {
	dir   string
	files []string  // relative to dir: files with the names of a report, incomplete ones too, and all files among the traces
	other bool      // it has other entries
	run   *manifest // of the run that wrote the report; nil: no report of spof
}

// readEarlier reads a directory. A missing directory is empty.
func readEarlier(dir string) (earlier, error) {
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

// ofRun returns the manifest of the run that wrote the report in a directory; nil: no report of spof. A report without traces (spof report
// --into) has a manifest without cells.
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

// isReport reports whether a file begins like a report.json of spof.
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

// refuse returns an error if a run must not write here.
func (e earlier) refuse(overwrite bool) error {
	for _, path := range e.files {
		if !e.wrote(path) {
			return refusef("foreign-file", "%s was not written by a run of spof in %s; nothing was replaced; choose another directory with -o", filepath.Join(e.dir, path), e.dir)
		}
	}
	switch {
	case len(e.files) > 0 && !overwrite:
		return refusef("output-exists", "%s holds an earlier report; choose another directory with -o, or add --overwrite", e.dir)
	case e.run == nil && e.other && overwrite:
		return refusef("foreign-file", "%s holds other files and no report of spof: --overwrite replaces nothing here; choose another directory with -o", e.dir)
	}
	return nil
}

// wrote reports whether the run wrote a file.
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

// regular reports whether a path is a regular file, not a link to one.
func regular(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular()
}
