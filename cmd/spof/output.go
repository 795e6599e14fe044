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

	"github.com/seed-ab8b6914/spof/reason"
)

// traceDir is where the traces of a run are, in the directory of its report.
const traceDir = "trace"

// output is the directory of a run's report. The run holds it exclusively until close. The directory itself may be a symbolic link; links
// in it are not followed.
type output struct {
	dir    string // as the user named it
	root   *os.Root
	traces *os.Root
	lock   *os.File
	made   []string // directories that this run created, the outermost first
}

// openOutput creates the directory of a run. With overwrite it may hold the report of an earlier run.
func openOutput(dir string, overwrite bool) (*output, error) {
	o := &output{dir: dir}
	err := o.open()
	if err == nil {
		err = o.claim(overwrite)
	}
	if err != nil {
		o.forget()
		o.close()
		return nil, outputError(err)
	}
	return o, nil
}

// outputError adds a code to an error of the file system.
func outputError(err error) error {
	if len(reason.Codes(err)) > 0 {
		return fmt.Errorf("output: %w", err)
	}
	return reason.Errorf("output-not-writable", "output: %w", err)
}

// openFresh creates a new directory: dir, or dir-2, dir-3 and so on if another run began in the same second.
func openFresh(dir string) (*output, error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return nil, outputError(err)
	}
	for name, n := dir, 2; ; name, n = fmt.Sprintf("%s-%d", dir, n), n+1 {
		err := os.Mkdir(name, 0o755)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, outputError(err)
		}
		o, err := openOutput(name, false)
		if err != nil {
			return nil, errors.Join(err, os.Remove(name))
		}
		o.made = append([]string{name}, o.made...)
		return o, nil
	}
}

// open opens the directories and creates missing ones.
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
		return refusef("not-a-directory", "%s is not a directory; links are not followed; choose another directory with -o", traces)
	}
	if o.traces, err = o.root.OpenRoot(traceDir); err != nil {
		return err
	}
	o.lock, err = o.traces.Open(".")
	return err
}

// claim locks the directory. It refuses the directory of a current run, and a directory whose files must not be overwritten. It removes the
// earlier report, so that a run that is broken off leaves no old verdict behind.
func (o *output) claim(overwrite bool) error {
	if err := unix.Flock(int(o.lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); errors.Is(err, unix.EWOULDBLOCK) { // other errors: no locks on this file system
		return refusef("output-in-use", "another run writes to %s; choose another directory with -o", o.dir)
	}
	old, err := readEarlier(o.dir)
	if err != nil {
		return err
	}
	if err := old.refuse(overwrite); err != nil {
		return err
	}
	for _, path := range old.files {
		if path == manifestPath {
			continue // it identifies the directory until it is replaced
		}
		if err := o.root.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

// forget removes the directories that this run created, if they contain only its manifest.
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

// close releases the directory.
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

// traceFiles lists the traces in the directory of a run, sorted by name.
func traceFiles(dir string) (paths []string, err error) {
	entries, err := os.ReadDir(filepath.Join(dir, traceDir))
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".jsonl.gz") {
			paths = append(paths, filepath.Join(dir, traceDir, e.Name()))
		}
	}
	return paths, err
}
