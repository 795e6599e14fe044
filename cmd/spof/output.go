package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// traceDir is where the traces of a run are, in the directory of its report.
const traceDir = "trace"

// output is the directory of a run's report. It is this run's alone until it is closed. The directory itself may be a symbolic
// link, since the user named it; none within it is followed.
type output struct {
	dir    string // as the user named it
	root   *os.Root
	traces *os.Root
	lock   *os.File
	made   []string // the directories that this run made, the outermost first
}

// openOutput makes the directory of a run, or takes that of an earlier one if it is to be overwritten.
func openOutput(dir string, overwrite bool) (*output, error) {
	o := &output{dir: dir}
	err := o.open()
	if err == nil {
		err = o.claim(overwrite)
	}
	if err != nil {
		o.forget()
		o.close()
		return nil, fmt.Errorf("output: %w", err)
	}
	return o, nil
}

// openFresh makes a directory that nobody has: dir, or where another run began in the same second dir-2, dir-3 and so on.
func openFresh(dir string) (*output, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, fmt.Errorf("output: %w", err)
	}
	for name, n := dir, 2; ; name, n = fmt.Sprintf("%s-%d", dir, n), n+1 {
		err := os.Mkdir(name, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("output: %w", err)
		}
		o, err := openOutput(name, false)
		if err != nil {
			return nil, errors.Join(err, os.Remove(name))
		}
		o.made = append([]string{name}, o.made...)
		return o, nil
	}
}

// open makes what is missing of the directories and opens them.
func (o *output) open() (err error) {
	if _, err := os.Stat(o.dir); errors.Is(err, fs.ErrNotExist) {
		o.made = append(o.made, o.dir)
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	if o.root, err = os.OpenRoot(o.dir); err != nil {
		return err
	}
	traces := filepath.Join(o.dir, traceDir)
	switch err := o.root.Mkdir(traceDir, 0o755); {
	case err == nil:
		o.made = append(o.made, traces)
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	if info, err := o.root.Lstat(traceDir); err != nil || !info.IsDir() {
		return usageError{fmt.Errorf("%s is not a directory, and no link is followed there; choose another directory with -o", traces)}
	}
	if o.traces, err = o.root.OpenRoot(traceDir); err != nil {
		return err
	}
	o.lock, err = o.traces.Open(".")
	return err
}

// claim refuses a directory that another run is writing to, and one that holds anything but an earlier report that may be
// overwritten. It removes that report, so that a run that breaks off leaves no other's verdict behind.
func (o *output) claim(overwrite bool) error {
	if err := unix.Flock(int(o.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) { // another error: a file system without locks
		return usageError{fmt.Errorf("%s is the directory of a run that is under way; choose another with -o", o.dir)}
	}
	old, err := survey(o.dir)
	if err != nil {
		return err
	}
	if err := old.refuse(overwrite); err != nil {
		return err
	}
	for _, path := range old.files {
		if path == manifestPath {
			continue // to be replaced, and until then it says whose directory this is
		}
		if err := o.root.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// forget takes away again what this run has made, if nothing but its list of cells is there.
func (o *output) forget() {
	if o.traces != nil && slices.Contains(o.made, filepath.Join(o.dir, traceDir)) {
		if left, err := fs.ReadDir(o.traces.FS(), "."); err == nil && len(left) == 1 {
			_ = o.traces.Remove(manifestName)
		}
	}
	for _, dir := range slices.Backward(o.made) {
		_ = os.Remove(dir) // fails on a directory that is not empty
	}
}

// close lets go of the directory.
func (o *output) close() {
	if o.lock != nil {
		_ = o.lock.Close()
	}
	for _, dir := range []*os.Root{o.traces, o.root} {
		if dir != nil {
			_ = dir.Close()
		}
	}
}

// traceFiles lists the traces in the directory of a run, by name.
func traceFiles(dir string) (paths []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, traceDir))
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".jsonl.gz") {
			paths = append(paths, filepath.Join(dir, traceDir, e.Name()))
		}
	}
	return paths, err
}
