// Package plainfile opens the files that users name: regular files of a bounded size. A FIFO would block for ever, and a
// device may act when it is opened. It imports nothing of this module.
package plainfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// ErrRefused marks a file that is not regular, or is too large.
var ErrRefused = errors.New("only a regular file of a bounded size is read")

// refusal names a file and says what is wrong with it.
type refusal struct{ text string }

func (r refusal) Error() string        { return r.text }
func (r refusal) Is(target error) bool { return target == ErrRefused }

// Open opens a regular file of at most most bytes for reading. It never waits. The error is ErrRefused on any other file,
// or wraps that of the system.
func Open(path string, most int64) (*os.File, error) {
	info, err := os.Stat(path) // before it is opened: opening a device may act on it
	if err == nil {
		err = check(path, info, most)
	}
	if err != nil {
		return nil, named(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil { // another file may have taken the name
		err = check(path, info, most)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Read reads a regular file of at most most bytes. The errors are those of Open.
func Read(path string, most int64) ([]byte, error) {
	f, err := Open(path, most)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(data)) > most { // it grew, or the system gives no size (/proc)
		err = tooLarge(path, most)
	}
	return data, err
}

// named words an error of stat as one of open, which is what was asked for.
func named(path string, err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return &fs.PathError{Op: "open", Path: path, Err: of.Err}
	}
	return err
}

func check(path string, info fs.FileInfo, most int64) error {
	switch {
	case !info.Mode().IsRegular():
		return refusal{fmt.Sprintf("%s is %s; want a regular file", path, kind(info.Mode()))}
	case info.Size() > most:
		return tooLarge(path, most)
	}
	return nil
}

func tooLarge(path string, most int64) error {
	return refusal{fmt.Sprintf("%s is too large; at most %d bytes are read", path, most)}
}

// kind is a file's type in words.
func kind(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a directory"
	case m&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "a special file"
}
