package docker

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/sim/tempdir"
)

// guard starts a process that interrupts the whole group when the other end of file descriptor 3 is closed, and then becomes the
// command.
const guard = `(read _ <&3; kill -INT -$$) >/dev/null 2>&1 & exec "$@" 3<&-`

// guarded is a command in its own process group, with a directory for its temporary files. The group is interrupted when ctx ends, and
// when this process ends for any reason. For root, the mounts of the group are visible to the group alone and end with it. The caller
// calls release after Wait; release removes the directory. If this process is killed, tempdir.Clean removes it after the group ended.
func guarded(ctx context.Context, name string, arg ...string) (cmd *exec.Cmd, release func() error, err error) {
	dir, err := tempdir.Make("image")
	if err != nil {
		return nil, nil, err
	}
	if err := os.Chmod(dir.Path, 0o711); err != nil { // mmdebstrap may become another user
		return nil, nil, errors.Join(err, dir.Remove())
	}
	held, hold, err := os.Pipe()
	if err != nil {
		return nil, nil, errors.Join(err, dir.Remove())
	}
	cmd = exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", guard, "sh", name}, arg...)...)
	cmd.ExtraFiles = []*os.File{held, dir.Lock}
	cmd.Env = append(os.Environ(), "TMPDIR="+dir.Path)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Unshareflags: ownMounts()}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 30 * time.Second
	return cmd, func() error { return errors.Join(held.Close(), hold.Close(), dir.Remove()) }, nil
}

// ownMounts is the clone flag of a separate mount namespace, or 0 if this process may not create one (CAP_SYS_ADMIN).
func ownMounts() uintptr {
	var header = unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil || data[0].Effective&(1<<unix.CAP_SYS_ADMIN) == 0 {
		return 0
	}
	return unix.CLONE_NEWNS
}
