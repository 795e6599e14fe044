package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
)

// ColdCache restarts one caching service with an empty cache. There is nothing to undo.
var ColdCache = Executor{inject: (*host).emptyCache, recover: (*host).rebooted, within: recoverWithin, stops: true}

// emptyCache restarts a caching service with an empty cache. The memory cache ends with the process; the disk cache is removed. The
// numbers of objects before and after are the proof. The effect is the end of the old process.
func (h *host) emptyCache(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	s, err := h.service(f.Service)
	if err != nil {
		return p, err
	}
	had, err := s.inStore(ctx)
	if err != nil {
		return p, err
	}
	if had == 0 {
		return p, fmt.Errorf("the cache of service %s is empty already", f.Service)
	}
	p, err = h.restartAfter(ctx, f, s.wipe)
	if err != nil {
		return p, err
	}
	has, err := s.inStore(ctx)
	if err == nil && has >= had {
		err = fmt.Errorf("the cache of service %s is not empty: %d objects before, %d after", f.Service, had, has)
	}
	p.Proof = fmt.Sprintf("%d objects in store before, %d after; %s", had, has, p.Proof)
	return p, err
}

// wipe removes all files on the service's disk, if it has one. It removes each file as the file's owner, because the agent may lack
// the right.
func (s *service) wipe() error {
	if s.p.Disk == "" {
		return nil
	}
	entries, err := os.ReadDir(s.p.Disk)
	for _, e := range entries {
		info, infoErr := e.Info()
		if infoErr != nil {
			return infoErr
		}
		rm := exec.Command("rm", "-rf", filepath.Join(s.p.Disk, e.Name()))
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && int(owner.Uid) != os.Getuid() {
			rm.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid, NoSetGroups: true}}
		}
		if out, rmErr := rm.CombinedOutput(); rmErr != nil {
			err = errors.Join(err, fmt.Errorf("rm: %w: %s", rmErr, out))
		}
	}
	return err
}

// inStore gives the number of cached objects, as the engine reports it.
func (s *service) inStore(ctx context.Context) (int, error) {
	e, _ := registry.Of(s.p.Engine)
	if e.Stored == nil {
		return 0, fmt.Errorf("engine %s has no cache", s.p.Engine)
	}
	return e.Stored(ctx, s.p.Ready)
}
