// Package wholefile writes files that are found whole or not at all. A file has no name until it is on the disk, and then
// replaces what stands at its own name; a process that is killed leaves nothing. On a file system that has no files without names
// it stands under a temporary one beside its own meanwhile. No link is followed: a symbolic link at that name is replaced, and one
// out of the directory is refused. The package imports nothing of this module.
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

// File is a file that appears at its name when it is committed. Commit or Discard must follow.
type File struct {
	f          *os.File
	dir        *os.Root
	name, half string
	named      bool // it stands at half
	closed     bool
	done       bool
}

// Create starts a file in dir; name is without a directory.
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

// openNameless opens the file without a name (open(2), O_TMPFILE), unless the file system has none of those, or the file could get no
// name later: the directory is gone, or /proc is not there.
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

// self is the path of an open file that has none.
func self(f *os.File) string { return fmt.Sprintf("/proc/self/fd/%d", f.Fd()) }

// Write adds to the file.
func (f *File) Write(b []byte) (int, error) { return f.f.Write(b) }

// Sync makes sure that what was written is on the disk: some file systems report a full one only then.
func (f *File) Sync() error { return f.f.Sync() }

// Commit syncs the file and puts it in its place.
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

// link gives the file a name that nothing has.
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

// Discard removes the file unless it is in its place.
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

// Write puts a whole file into dir. On an error what stood there before stays as it was.
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

// Of gives the name that a file in a directory belongs to: that of a half one when it is whole, else its own. A process that was
// killed may leave half files.
func Of(name string) string {
	if m := halfName.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return name
}
