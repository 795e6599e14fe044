package agent

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// degradeWithin bounds the injection, whose proof waits for slow answers.
const degradeWithin = 8 * time.Second

// WANDegrade makes this node's WAN link worse without losing it. Recovery restores the link's own conditions.
var WANDegrade = Executor{inject: overWAN(degrade), recover: overWAN(mend), prepare: (*host).prepareWAN, within: degradeWithin}

func degrade(ctx context.Context, link *toxi.Control, f Fault) (proxy.Proven, error) {
	return link.Degrade(ctx, f.FaultParams)
}

func mend(ctx context.Context, link *toxi.Control, _ Fault) (proxy.Proven, error) {
	return link.Mend(ctx)
}
