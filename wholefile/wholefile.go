// Package wholefile writes files that are found whole or not at all. A file stands under a temporary name beside its own
// until it is on the disk, and then replaces what stands at its own name. No link is followed: a symbolic link at that name
// is replaced, and one out of the directory is refused. The package imports nothing of this module.
package wholefile

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
)

// File is a file that appears at its name when it is committed. Commit or Discard must follow.
type File struct {
	f          *os.File
	dir        *os.Root
	name, half string
	closed     bool
	done       bool
}

// Create starts a file in dir; name is without a directory.
func Create(dir *os.Root, name string) (*File, error) {
	half := fmt.Sprintf(".%s.%d.tmp", name, rand.Uint64())
	f, err := dir.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return &File{f: f, dir: dir, name: name, half: half}, nil
}

// Write adds to the file.
func (f *File) Write(b []byte) (int, error) { return f.f.Write(b) }

// Close makes sure that what was written is on the disk: some file systems report a full disk only then.
func (f *File) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	if err := f.f.Sync(); err != nil {
		f.f.Close()
		return err
	}
	return f.f.Close()
}

// Commit closes the file and puts it in its place.
func (f *File) Commit() error {
	if err := f.Close(); err != nil {
		return err
	}
	if err := f.dir.Rename(f.half, f.name); err != nil {
		return err
	}
	f.done = true
	return nil
}

// Discard removes the file unless it is in its place.
func (f *File) Discard() {
	if f.done {
		return
	}
	f.done = true
	if !f.closed {
		f.closed = true
		f.f.Close()
	}
	_ = f.dir.Remove(f.half)
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

// Of gives the name that a file in a directory belongs to: that of a half one when it is whole, else its own. A process
// that was killed leaves half files.
func Of(name string) string {
	if m := halfName.FindStringSubmatch(name); m != nil {
		return m[1]
	}
	return name
}
