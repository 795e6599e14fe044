// Package wholefile writes files atomically: a reader sees the old file or the whole new one. Begin at Write, or at Create for a
// stream. A file gets its name when it is on the disk; a killed process leaves nothing. A file system without nameless files
// needs a temporary name in the same directory until then. No link is followed: a symbolic link of that name is replaced, and a
// link out of the directory is refused. The package imports nothing of this module.
package wholefile

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"syscall"

	"golang.org/x/sys/unix"
)

// File is a file that gets its name when it is committed. Call Commit or Discard.
type File struct {
	f          *os.File
	dir        *os.Root
	name, half string
	named      bool // it has the temporary name half
	closed     bool
	done       bool
}

// Create starts a file in dir; name has no directory.
func Create(dir *os.Root, name string) (*File, error) {
	f := &File{dir: dir, name: name, half: fmt.Sprintf(".%s.%d.tmp", name, rand.Uint64())}
	if f.openNameless(); f.f != nil {
		return f, nil
	}
	var err error
	if f.f, err = dir.OpenFile(f.half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644); err != nil {
		return nil, err
	}
	f.named = true
	return f, nil
}

// openNameless opens a file without a name (open(2), O_TMPFILE). It does nothing if the file system does not support it, or if the file
// could get no name later: the directory was removed, or /proc is missing.
func (f *File) openNameless() {
	file, err := f.dir.OpenFile(filepath.Dir(f.half), os.O_WRONLY|unix.O_TMPFILE, 0o644)
	if err != nil {
		return
	}
	_, noProc := os.Stat(self(file))
	dir, gone := f.dir.Stat(".")
	if noProc != nil || gone != nil || dir.Sys().(*syscall.Stat_t).Nlink == 0 {
		file.Close()
		return
	}
	f.f = file
}

// self gives a path of an open file without a name.
func self(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

// Write appends to the file.
func (f *File) Write(b []byte) (int, error) { return f.f.Write(b) }

// Sync writes the file to the disk. Some file systems report a full disk only here.
func (f *File) Sync() error { return f.f.Sync() }

// Commit syncs the file and gives it its name.
func (f *File) Commit() error {
	err := f.Sync()
	if err == nil && !f.named {
		err = f.link(f.half)
	}
	if closed := f.close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := f.dir.Rename(f.half, f.name); err != nil {
		return err
	}
	f.done = true
	return nil
}

// link gives the file an unused name.
func (f *File) link(name string) error {
	dir, err := f.dir.Open(".")
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := unix.Linkat(unix.AT_FDCWD, self(f.f), int(dir.Fd()), name, unix.AT_SYMLINK_FOLLOW); err != nil {
		return &fs.PathError{Op: "link", Path: name, Err: err}
	}
	f.named = true
	return nil
}

func (f *File) close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	return f.f.Close()
}

// Discard removes the file unless it is committed.
func (f *File) Discard() {
	if f.done {
		return
	}
	f.done = true
	_ = f.close()
	if f.named {
		_ = f.dir.Remove(f.half)
	}
}

// Write writes a file into dir. On an error an old file of that name stays unchanged.
func Write(dir *os.Root, name string, data []byte) error {
	f, err := Create(dir, name)
	if err != nil {
		return err
	}
	defer f.Discard()
	if _, err := f.Write(data); err != nil {
		return err
	}
	return f.Commit()
}

var halfName = regexp.MustCompile(`^\.(.+)\.[0-9]+\.tmp$`)

// Of gives the final name of a file: for a temporary name that of the complete file, else the same. A killed process may leave files
// with temporary names.
func Of(name string) string {
	if m := halfName.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return name
}
