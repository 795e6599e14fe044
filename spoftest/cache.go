package spoftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
)

// cache is a directory of programs for the nodes, one file for each key. A file gets its name when it is whole.
type cache struct{ dir string }

const programPrefix = "spof-"

// openCache makes the directory: below the user's cache, or else below the directory for temporary files.
func openCache(say func(string)) (cache, error) {
	base, err := os.UserCacheDir()
	if err == nil {
		c := cache{filepath.Join(base, "spof", "nodes")}
		if err = c.usable(); err == nil {
			return c, nil
		}
	}
	c := cache{filepath.Join(os.TempDir(), fmt.Sprintf("spof-nodes-%d", os.Geteuid()))}
	other := c.usable()
	if other == nil {
		other = ownAlone(c.dir)
	}
	if other != nil {
		return c, reason.Errorf("node-program-not-built", "no directory for the program for the nodes: %w; %w; %s", err, other, elsewhere)
	}
	say(fmt.Sprintf("the user's cache directory cannot be used (%v): the program for the nodes is kept in %s", err, c.dir))
	return c, nil
}

// usable makes the directory and checks that files can be made in it.
func (c cache) usable() error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	f, err := c.openLock()
	if err != nil {
		return err
	}
	return f.Close()
}

// ownAlone refuses a directory in which another user can write: a program from it runs as this user.
func ownAlone(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); !info.IsDir() || info.Mode().Perm()&0o022 != 0 || !ok || int(s.Uid) != os.Geteuid() {
		return fmt.Errorf("%s is not a directory of this user alone", dir)
	}
	return nil
}

// has finds the program of a key, and marks it as used.
func (c cache) has(key string) (path string, ok bool) {
	path = filepath.Join(c.dir, programPrefix+key)
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return path, false
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // only its age suffers
	return path, true
}

// half is the file of a program that is being built.
func (c cache) half() string { return filepath.Join(c.dir, "build") }

// keep gives the program in half the name of its key; err is that of the build.
func (c cache) keep(key string, err error) (string, error) {
	path := filepath.Join(c.dir, programPrefix+key)
	if err == nil {
		err = os.Chmod(c.half(), 0o700)
	}
	if err == nil {
		err = os.Rename(c.half(), path)
	}
	if err != nil {
		return "", notBuilt(err)
	}
	c.forget()
	return path, nil
}

// versions is how many programs the cache keeps, of some 30 MB each.
const versions = 6

// forget removes the programs that were not used for the longest time: a lab does not live for so many changes of the source.
func (c cache) forget() {
	type program struct {
		path string
		used time.Time
	}
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return // the next build tries again
	}
	var all []program
	for _, e := range entries {
		if info, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), programPrefix) {
			all = append(all, program{filepath.Join(c.dir, e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(all, func(a, b program) int { return b.used.Compare(a.used) })
	for _, p := range all[min(versions, len(all)):] {
		_ = os.Remove(p.path)
	}
}

func (c cache) openLock() (*os.File, error) {
	return os.OpenFile(filepath.Join(c.dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
}

// lock waits until no other test builds. The kernel releases it when the process ends.
func (c cache) lock(ctx context.Context, say func(string)) (unlock func(), err error) {
	f, err := c.openLock()
	if err != nil {
		return nil, err
	}
	if flock(f, unix.LOCK_NB) == nil {
		return func() { _ = f.Close() }, nil
	}
	say("another test builds the program for the nodes: waiting for it")
	got := make(chan error, 1)
	go func() { got <- flock(f, 0) }()
	select {
	case err := <-got:
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		return func() { _ = f.Close() }, nil
	case <-ctx.Done():
		go func() { <-got; _ = f.Close() }()
		return nil, context.Cause(ctx)
	}
}

func flock(f *os.File, flags int) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|flags)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}
