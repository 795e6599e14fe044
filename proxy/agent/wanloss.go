package agent

import (
	"context"
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// WANLoss loses this node's WAN link: cut (the default) or silent. Recovery restores it.
var WANLoss = Executor{inject: overWAN(lose), recover: overWAN(restore), prepare: (*host).prepareWAN}

// prepareWAN connects the witnesses of a WAN link. The injection reports an error.
func (h *host) prepareWAN(ctx context.Context, _ Fault) {
	if link, err := h.wan(); err == nil {
		_ = link.Prepare(ctx)
	}
}

// overWAN makes an action of a change of this node's WAN link.
func overWAN(change func(context.Context, *toxi.Control, Fault) (proxy.Proven, error)) action {
	return func(h *host, ctx context.Context, f Fault) (proxy.Proven, error) {
		link, err := h.wan()
		if err != nil {
			return proxy.Proven{}, err
		}
		return change(ctx, link, f)
	}
}

// lose loses the link by the fault's mode.
func lose(ctx context.Context, link *toxi.Control, f Fault) (proxy.Proven, error) {
	switch f.Mode {
	case "", "cut":
		return link.Cut(ctx)
	case "silent":
		return link.Silence(ctx)
	}
	return proxy.Proven{}, fmt.Errorf("unknown mode %q of %s; valid: cut, silent", f.Mode, f.Kind)
}

func restore(ctx context.Context, link *toxi.Control, _ Fault) (proxy.Proven, error) {
	return link.Restore(ctx)
}
