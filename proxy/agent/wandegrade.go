package agent

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// degradeWithin bounds the injection, whose proof waits for slow answers.
const degradeWithin = 8 * time.Second

// WANDegrade makes this node's WAN link worse without losing it. Recovery restores the link's own conditions.
var WANDegrade = Executor{inject: (*host).degradeWAN, recover: (*host).mendWAN, prepare: (*host).prepareWAN, within: degradeWithin}

func (h *host) degradeWAN(ctx context.Context, f Fault) (proxy.Proven, error) {
	link, err := h.wan()
	if err != nil {
		return proxy.Proven{}, err
	}
	return link.Degrade(ctx, f.FaultParams)
}

func (h *host) mendWAN(ctx context.Context, _ Fault) (proxy.Proven, error) {
	link, err := h.wan()
	if err != nil {
		return proxy.Proven{}, err
	}
	return link.Mend(ctx)
}
