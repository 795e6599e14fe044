package agent

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// action changes the node and proves the effect.
type action func(ctx context.Context, f Fault) (proxy.Proven, error)

// executor executes and undoes a kind of fault.
type executor struct {
	inject, recover action
	// prepare does slow work before the fault's instant; nil: none.
	prepare func(ctx context.Context, f Fault)
	// within bounds the injection; 0: effectWithin does.
	within time.Duration
	// stops says that the fault ends the service in order; its StopsIn is added to the bound.
	stops bool
}

// executors lists every kind of fault that an agent can execute. Each has its own file.
var executors = map[proxy.FaultKind]func(*host) executor{
	proxy.PowerLoss:          powerLoss,
	proxy.Crash:              crash,
	proxy.Hang:               hang,
	proxy.WANLoss:            wanLoss,
	proxy.WANDegrade:         wanDegrade,
	proxy.WANFlap:            wanFlap,
	proxy.PSUFailure:         psuFailure,
	proxy.FanFailure:         fanFailure,
	proxy.Overheat:           overheat,
	proxy.CoolingZoneFailure: overheat,
	proxy.FeedLoss:           powerOutage,
	proxy.MainsOutage:        powerOutage,
	proxy.Partition:          partition,
	proxy.ConfigBreak:        configBreak,
	proxy.RollingRestart:     rollingRestart,
	proxy.DiskFull:           diskFull,
	proxy.ExitBlock:          exitBlock,
	proxy.ColdCache:          coldCache,
	proxy.SlowOrigin:         slowOrigin,
	proxy.DNSFailure:         dnsFailure,
	proxy.Surge:              surge,
}

// bound gives the longest time of a step.
func (e executor) bound(s *service, injects bool) time.Duration {
	within := recoverWithin
	if injects {
		within = effectWithin
		if e.within > 0 {
			within = e.within
		}
	}
	if e.stops && s != nil {
		within += s.p.StopsIn
	}
	return within
}
