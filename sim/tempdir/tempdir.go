// Package tempdir makes temporary directories with a known owner (Make). A killed process leaves its directory behind; Clean, in
// a later process, removes the directories whose owner has ended. The package imports nothing of this module.
package tempdir

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// A directory's name says what it is for and which process made it.
var dirName = regexp.MustCompile(`^spof-[a-z]+-([0-9]+)-[0-9]+$`)

// Dir is a directory that belongs to this process, and to those that hold Lock beside it. Remove must follow.
type Dir struct {
	Path string
	Lock *os.File // on the directory; the kernel lets go of it with the last process that has it
}

// Make makes a directory with mode 0700; what it is for is a word of lower-case letters.
func Make(what string) (*Dir, error) {
	path, err := os.MkdirTemp("", fmt.Sprintf("spof-%s-%d-", what, os.Getpid()))
	if err != nil {
		return nil, err
	}
	lock, err := take(path)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(path))
	}
	return &Dir{path, lock}, nil
}

// Remove removes the directory with all that is in it.
func (d *Dir) Remove() error { return errors.Join(remove(d.Path), d.Lock.Close()) }

// take locks a directory for the caller alone, or fails.
func take(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
	}
	return f, nil
}

// Clean removes the directories that processes left which were killed, and returns their paths. Those of other users are left to
// them, except by root.
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
		path := filepath.Join(os.TempDir(), e.Name())
		lock, err := take(path)
		if err != nil {
			continue // it is another's after all, as where its process has a number of another container, or just gone
		}
		err = remove(path)
		_ = lock.Close()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		removed = append(removed, path)
	}
	return removed, errors.Join(errs...)
}

// Tidy is Clean for a run that begins: it says what it does, and goes on whatever becomes of it.
func Tidy(say func(string)) {
	removed, err := Clean()
	for _, path := range removed {
		say("removed " + path + ", left by a run that was killed")
	}
	if err != nil {
		say(fmt.Sprintf("left by a run that was killed: %v", err))
	}
}

// orphaned reports whether a directory is by its name and owner one of ours whose process is gone.
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

// remove removes a directory unless something is mounted below it, which would lose its files.
func remove(path string) error {
	at, err := mountedBelow(path)
	if err != nil {
		return err
	}
	if at != "" {
		return fmt.Errorf("%s is not removed: something is mounted on %s; umount it first", path, at)
	}
	return os.RemoveAll(path)
}

// mountedBelow gives a mount point in a directory (proc(5), mountinfo, field 5); empty: there is none.
func mountedBelow(path string) (string, error) {
	path, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) > 4 && strings.HasPrefix(unescaped(fields[4]), path+"/") {
			return fields[4], nil
		}
	}
	return "", lines.Err()
}

// unescaped undoes the kernel's octal escapes of blanks.
func unescaped(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}
