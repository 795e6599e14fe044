package docker

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// guard becomes a command, and leaves a process beside it that interrupts the whole group once nobody holds the other end of its third
// descriptor any more.
const guard = `(read _ <&3; kill -INT -$$) >/dev/null 2>&1 & exec "$@" 3<&-`

// guarded is a command in a process group of its own. The group is interrupted when ctx ends, and when this process ends, however it
// ends. The caller calls release after Wait.
func guarded(ctx context.Context, name string, arg ...string) (cmd *exec.Cmd, release func(), err error) {
	held, hold, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	cmd = exec.CommandContext(ctx, "/bin/sh", append([]string{"-c", guard, "sh", name}, arg...)...)
	cmd.ExtraFiles = []*os.File{held}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	cmd.WaitDelay = 30 * time.Second
	return cmd, func() { _ = errors.Join(held.Close(), hold.Close()) }, nil
}
