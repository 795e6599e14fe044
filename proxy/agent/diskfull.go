package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// DiskFull takes all free space of the filesystem of one service's cache. Recovery frees it.
var DiskFull = Executor{inject: (*host).fillDisk, recover: (*host).freeDisk, prepare: (*host).prepareDisk}

// fillAhead is the space that prepareDisk leaves free, in bytes. Filling it takes a few milliseconds.
const fillAhead = 4 << 20

// filler is a file that takes the free space of a filesystem.
type filler struct {
	file *os.File
	size int64
}

// fillerOn makes the file. It fails if an earlier fault left its file.
func fillerOn(dir string) (*filler, error) {
	file, err := os.OpenFile(filepath.Join(dir, "filled"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("file to fill the disk: %w", err)
	}
	return &filler{file: file}, nil
}

// take allocates n more bytes.
func (f *filler) take(n int64) error {
	err := unix.Fallocate(int(f.file.Fd()), 0, f.size, n)
	if err == nil {
		f.size += n
	}
	return err
}

// most allocates the free space except for some bytes.
func (f *filler) most(leave int64) error {
	free, _, err := space(f.file.Name())
	if err != nil || free <= leave {
		return err
	}
	return f.take(free - leave)
}

// rest allocates all free space, at last in single blocks. The interval is from the last successful allocation to the last ENOSPC.
func (f *filler) rest() (within proxy.Interval, err error) {
	_, block, err := space(f.file.Name())
	if err != nil {
		return within, err
	}
	within.Before = proxy.Monotonic()
	for n := int64(fillAhead); n >= block; {
		asked := proxy.Monotonic()
		switch err := f.take(n); {
		case err == nil:
			within.Before = asked
		case errors.Is(err, unix.ENOSPC):
			within.After = proxy.Monotonic()
			n /= 2
		default:
			return within, err
		}
	}
	return within, nil
}

// release frees the space.
func (f *filler) release() error { return errors.Join(f.file.Close(), os.Remove(f.file.Name())) }

// space gives the free space of path's filesystem, and its block size, in bytes.
func space(path string) (free, block int64, err error) {
	var s unix.Statfs_t
	if err = unix.Statfs(path, &s); err == nil {
		free, block, err = room(s)
	}
	if err != nil {
		err = fmt.Errorf("free space at %s: %w", path, err)
	}
	return free, block, err
}

// room computes space. Some filesystems report no block size; they cannot be filled completely.
func room(s unix.Statfs_t) (free, block int64, err error) {
	if s.Bsize <= 0 {
		return 0, 0, fmt.Errorf("block size %d of the filesystem: want more than 0", s.Bsize)
	}
	return int64(s.Bavail) * s.Bsize, s.Bsize, nil
}

// prepareDisk takes most of the free space before the fault's instant.
func (h *host) prepareDisk(_ context.Context, f Fault) {
	s, err := h.service(f.Service)
	if err != nil || s.p.Disk == "" || h.fillers[f.ID] != nil {
		return // fillDisk reports the error
	}
	if filler, err := fillerOn(s.p.Disk); err == nil {
		_ = filler.most(fillAhead) // fillDisk takes the rest
		h.fillers[f.ID] = filler
	}
}

// fillDisk takes all free space of the filesystem of a service's cache. A write that fails is the proof.
func (h *host) fillDisk(_ context.Context, f Fault) (p proxy.Proven, err error) {
	s, err := h.service(f.Service)
	if err != nil {
		return p, err
	}
	if s.p.Disk == "" {
		return p, fmt.Errorf("service %s has no disk of its own", f.Service)
	}
	if _, err = s.running(); err != nil {
		return p, err
	}
	filler := h.fillers[f.ID]
	if filler == nil {
		if filler, err = fillerOn(s.p.Disk); err != nil {
			return p, err
		}
		h.fillers[f.ID] = filler
	}
	if p.Interval, err = filler.rest(); err != nil {
		return p, err
	}
	refused := writeOn(s.p.Disk)
	free, _, err := space(s.p.Disk)
	if err == nil && !errors.Is(refused, unix.ENOSPC) {
		err = fmt.Errorf("a write on %s gave %v: want %w", s.p.Disk, refused, unix.ENOSPC)
	}
	p.Proof = fmt.Sprintf("%.1f MiB taken, %d bytes free: a write fails (%v)", mebibytes(filler.size), free, unix.ENOSPC)
	return p, err
}

// writeOn writes a block to a new file, and removes the file.
func writeOn(dir string) error {
	path := filepath.Join(dir, "written")
	err := os.WriteFile(path, make([]byte, 4<<10), 0o600)
	return errors.Join(err, os.Remove(path))
}

// freeDisk frees the space, and restarts the service if it exited meanwhile.
func (h *host) freeDisk(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	filler := h.fillers[f.ID]
	if filler == nil {
		return p, fmt.Errorf("fault %s is not in force on this node", f.ID)
	}
	s, err := h.service(f.Service)
	if err != nil {
		return p, err
	}
	delete(h.fillers, f.ID)
	began := proxy.Monotonic()
	if err = filler.release(); err != nil {
		return p, err
	}
	p.Interval = proxy.Since(began)
	if err = writeOn(s.p.Disk); err != nil {
		return p, err
	}
	free, _, err := space(s.p.Disk)
	p.Proof = fmt.Sprintf("%.1f MiB given back, %.1f MiB free: a write succeeds", mebibytes(filler.size), mebibytes(free))
	if err != nil || len(s.pids()) > 0 {
		return p, err
	}
	restarted, err := h.restart(ctx, f)
	restarted.Proof = p.Proof + "; the service had exited and was restarted: " + restarted.Proof
	return restarted, err
}

func mebibytes(n int64) float64 { return float64(n) / (1 << 20) }
