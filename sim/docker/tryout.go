package docker

import (
	"context"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/topology"
)

// tryOut starts and removes a lab to test the engine. The lab has one container on two networks, with every capability that a node may have.
func (r *Runtime) tryOut(ctx context.Context, e *engine, image string) error {
	l := &lab{id: newID(), engine: e, dial: r.dial, links: map[string]*agent.Link{}, site: proxy.Site{Builtin: true, Dir: stateDir}}
	err := l.up(ctx, topology.Topology{}, []place{
		{node: "trial", lan: true, wan: true, image: imageBuiltin, caps: []string{"NET_ADMIN", "NET_RAW", "SYS_NICE"}, shares: userShares},
	}, func(string) (string, error) { return image, nil })
	cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	_ = l.Close(cctx) // the next run removes leftovers
	if err == nil || ctx.Err() != nil {
		return err
	}
	return &Missing{What: ErrNoLab, Remedy: "allow the engine to make networks, and containers with NET_ADMIN", Cause: err}
}
