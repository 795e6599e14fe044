package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// dirPrefix begins the name of a lab's directory, followed by the process that made it.
const dirPrefix = "spof-local-"

var dirName = regexp.MustCompile(`^` + dirPrefix + `([0-9]+)-[0-9]+$`)

// makeDir makes the directory of a lab. It is the lab's as long as the lock is held, which ends with this process at the latest.
func makeDir() (dir string, lock *os.File, err error) {
	dir, err = os.MkdirTemp("", dirPrefix+fmt.Sprint(os.Getpid())+"-")
	if err != nil {
		return "", nil, err
	}
	if lock, err = lockDir(dir); err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(dir))
	}
	return dir, lock, nil
}

// lockDir takes a directory for the caller alone, or fails.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, &fs.PathError{Op: "lock", Path: dir, Err: err}
	}
	return f, nil
}

// Clean removes the directories of labs whose run was killed (their agents end by themselves) and returns their paths. Those of
// other users are left to them, except by root.
func Clean() ([]string, error) {
	entries, err := os.ReadDir(os.TempDir())
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var removed []string
	var errs []error
	for _, e := range entries {
		if !orphaned(e) {
			continue
		}
		dir := filepath.Join(os.TempDir(), e.Name())
		lock, err := lockDir(dir)
		if err != nil {
			continue // it is another run's after all, as where its process has a number of another container, or just gone
		}
		err = os.RemoveAll(dir)
		_ = lock.Close()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, dir)
	}
	return removed, errors.Join(errs...)
}

// orphaned reports whether a directory is by its name and owner that of a lab of ours whose process is gone.
func orphaned(e fs.DirEntry) bool {
	m := dirName.FindStringSubmatch(e.Name())
	if m == nil || !e.IsDir() {
		return false
	}
	info, err := e.Info()
	if err != nil {
		return false
	}
	if user := os.Geteuid(); user != 0 && int(info.Sys().(*syscall.Stat_t).Uid) != user {
		return false
	}
	owner, err := strconv.Atoi(m[1])
	return err == nil && owner > 0 && errors.Is(unix.Kill(owner, 0), unix.ESRCH)
}
