// Package plainfile opens files that users name: regular files of a bounded size. It refuses other kinds, because opening a
// FIFO blocks, and opening a device may act on it. Begin at Open and Read. JSON reads the JSON
// of such a file, and says what is wrong in the words of a user. Of this module it imports only package reason.
package plainfile

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
)

// ErrRefused marks a file that is not regular, or is too large.
var ErrRefused = errors.New("only a regular file of a bounded size is read")

// refusal is an ErrRefused with its own text.
type refusal struct{ error }

func (r refusal) Is(target error) bool { return target == ErrRefused }
func (r refusal) Unwrap() error        { return r.error }

// Open opens a regular file of at most most bytes for reading. It does not block. For other files the error is ErrRefused.
// Other errors wrap the error of the system.
func Open(path string, most int64) (*os.File, error) {
	info, err := os.Stat(path) // before the open: opening a device may act on it
	if err == nil {
		err = check(path, info, most)
	}
	if err != nil {
		return nil, named(path, err)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, named(path, err)
	}
	if info, err = f.Stat(); err == nil { // the name may be another file now
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
	if err == nil && int64(len(data)) > most { // the file grew, or the system gives no size (/proc)
		err = tooLarge(path, most)
	}
	return data, err
}

// named gives an error of stat or open a code.
func named(path string, err error) error {
	var of *fs.PathError
	if !errors.As(err, &of) {
		return err
	}
	err = of.Err
	if errors.Is(err, fs.ErrNotExist) {
		return reason.Errorf("no-such-file", "open %s: %w", path, err)
	}
	return reason.Errorf("unreadable-file", "open %s: %w", path, err)
}

func check(path string, info fs.FileInfo, most int64) error {
	switch {
	case !info.Mode().IsRegular():
		return refusal{reason.Errorf("not-a-regular-file", "%s is %s; want a regular file", path, kind(info.Mode()))}
	case info.Size() > most:
		return tooLarge(path, most)
	}
	return nil
}

func tooLarge(path string, most int64) error {
	return refusal{reason.Errorf("file-too-large", "%s is too large; want at most %d bytes", path, most)}
}

// kind gives the type of a file in words.
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
