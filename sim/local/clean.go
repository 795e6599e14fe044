package local

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
)

// dirPrefix begins the name of a lab's directory, followed by the process that made it.
const dirPrefix = "spof-local-"

var dirName = regexp.MustCompile(`^` + dirPrefix + `([0-9]+)-[0-9]+$`)

// Clean removes the directories of labs whose process is gone (their agents end by themselves) and returns their paths.
func Clean() ([]string, error) {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	var removed []string
	var errs []error
	for _, e := range entries {
		if !e.IsDir() || !orphaned(e.Name()) {
			continue
		}
		dir := filepath.Join(os.TempDir(), e.Name())
		if err := os.RemoveAll(dir); err != nil {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, dir)
	}
	return removed, errors.Join(errs...)
}

// orphaned reports whether a directory is by its name that of a lab whose process is gone.
func orphaned(name string) bool {
	m := dirName.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	owner, err := strconv.Atoi(m[1])
	return err == nil && owner > 0 && errors.Is(syscall.Kill(owner, 0), syscall.ESRCH)
}
