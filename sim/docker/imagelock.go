package docker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lockImages lets one process of this user build images at a time, so that two runs do not build the same image twice. The kernel
// releases the lock when the process ends. If no directory for the lock belongs to this user alone, the images are built without a
// lock: two runs may then build one image twice. The error is the cause of ctx.
func lockImages(ctx context.Context, say func(string)) (unlock func(), err error) {
	f, err := openImageLock()
	if err != nil {
		say(fmt.Sprintf("no lock for building images (%v): another run may build the same ones", err))
		return func() {}, nil
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for waiting := false; ; waiting = true {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			say(fmt.Sprintf("no lock for building images (%s: %v): another run may build the same ones", f.Name(), err))
			return func() { _ = f.Close() }, nil
		}
		if !waiting {
			say("waiting for another run that is building images")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			_ = f.Close()
			return nil, context.Cause(ctx)
		}
	}
}

// openImageLock opens the lock file: in the user's cache directory, or else in a directory of the user below the directory of
// temporary files. Another user may have made that directory to hold the lock forever: the owner is checked.
func openImageLock() (*os.File, error) {
	dir, err := os.UserCacheDir()
	if err == nil {
		dir = filepath.Join(dir, "spof")
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		dir = filepath.Join(os.TempDir(), fmt.Sprintf("spof-%d", os.Geteuid()))
		if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(".")
	if err != nil {
		return nil, err
	}
	if int(info.Sys().(*syscall.Stat_t).Uid) != os.Geteuid() || info.Mode().Perm()&0o022 != 0 {
		return nil, fmt.Errorf("%s belongs to another user, or other users may write there", dir)
	}
	return root.OpenFile("images.lock", os.O_CREATE|os.O_RDWR|unix.O_NOFOLLOW, 0o600)
}
