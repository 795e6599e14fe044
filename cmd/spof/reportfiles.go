package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reports"
)

const maxReports = 2000 // of one history

// reportFiles finds the reports at paths: a file is one, a directory has them in it and below it. Directories of traces and hidden ones are
// left out; links below a directory are not followed.
func reportFiles(paths []string) (files []string, err error) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, refusef("no-report", "%w; want directories of runs, or reports", err)
		}
		if !info.IsDir() {
			files = append(files, path)
			continue
		}
		found, err := reportsBelow(path)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, refusef("no-report", "no %s in %s or below it; spof run -o %s writes one", reports.FileJSON, path, filepath.Join(path, "NAME"))
		}
		files = append(files, found...)
	}
	for i, f := range files {
		files[i] = filepath.Clean(f)
	}
	slices.Sort(files)
	files = slices.Compact(files)
	if len(files) > maxReports {
		return nil, refusef("too-many-reports", "%d reports; want at most %d: name the directories of the runs to compare", len(files), maxReports)
	}
	return files, nil
}

func reportsBelow(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error { // the separator: dir may be a link
		name := filepath.Base(path)
		switch {
		case err != nil:
			return refusef("no-report", "%w", err)
		case e.IsDir() && filepath.Clean(path) != filepath.Clean(dir) && (name == traceDir || strings.HasPrefix(name, ".")):
			return filepath.SkipDir
		case !e.IsDir() && name == reports.FileJSON:
			files = append(files, path)
		}
		return nil
	})
	return files, err
}
