// Package tempdir makes temporary directories with a known owner (Make). A killed process leaves its directory behind. Clean, in a later
// process, removes the directories whose owner has ended. Of this module, the package imports only reason.
package tempdir

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
)

// A directory's name contains its purpose and the ID of the process that made it.
var dirName = regexp.MustCompile(`^spof-[a-z]+-([0-9]+)-[0-9]+$`)

// Dir is a directory that belongs to this process and to the processes that inherit Lock. The caller must call Remove.
type Dir struct {
	Path string
	Lock *os.File // a lock on the directory; the kernel releases it when the last process that holds it ends
}

// Make makes a directory with mode 0700. The argument what is its purpose: one word of lower-case letters.
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

// Remove removes the directory and its contents.
func (d *Dir) Remove() error { return errors.Join(remove(d.Path), d.Lock.Close()) }

// take locks a directory exclusively. It fails if another process holds the lock.
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

// Clean removes the directories of killed processes and returns their paths. Only root removes the directories of other users.
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
			continue // another process holds it (for example one in another PID namespace), or it has just been removed
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

// Of reports whether a directory that a process made is still there, for example because another process of its run has not ended yet.
func Of(pid int) bool {
	entries, err := os.ReadDir(os.TempDir())
	return err == nil && slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		m := dirName.FindStringSubmatch(e.Name())
		return m != nil && e.IsDir() && m[1] == strconv.Itoa(pid)
	})
}

// Tidy calls Clean at the start of a run. It calls say with a line for each removed directory, and for an error.
func Tidy(say func(string)) {
	removed, err := Clean()
	for _, path := range removed {
		say("removed " + path + ", left by a run that was killed")
	}
	if err != nil {
		say(fmt.Sprintf("left by a run that was killed: %v", err))
	}
}

// orphaned reports whether the name and the owner of an entry say that this package made it and that its process has ended.
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
	return err == nil && owner > 0 && Ended(owner)
}

// Ended reports whether a process has ended. A zombie has, although its parent has not read its exit code.
func Ended(pid int) bool {
	if errors.Is(unix.Kill(pid, 0), unix.ESRCH) {
		return true
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	state := strings.TrimSpace(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // proc(5): after the name, which may hold any byte
	return strings.HasPrefix(state, "Z") || strings.HasPrefix(state, "X")
}

// remove removes a directory unless a file system is mounted below it: removal would delete the files of that file system.
func remove(path string) error {
	at, err := mountedBelow(path)
	if err != nil {
		return err
	}
	if at != "" {
		return reason.Errorf("directory-mounted", "%s is not removed: a file system is mounted on %s; unmount it first", path, at)
	}
	return os.RemoveAll(path)
}

// mountedBelow gives a mount point below a directory (proc(5), mountinfo, field 5), or an empty string if there is none.
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

// unescaped decodes the kernel's octal escapes of space, tab, newline and backslash.
func unescaped(s string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(s)
}
