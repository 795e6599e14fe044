package agent

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// action does one thing to the node and proves it.
type action func(ctx context.Context, f Fault) (proxy.Proven, error)

// executor is how a kind of fault is carried out and undone.
type executor struct {
	inject, recover action
	// prepare does ahead of the instant what would delay the injection; nil: nothing.
	prepare func(ctx context.Context, f Fault)
	// within bounds the injection where it takes longer than effectWithin; 0: it does not.
	within time.Duration
	// stops says that the service is ended in order, which may take its own StopsIn besides.
	stops bool
}

// executors lists every kind of fault that an agent can carry out. Each has a file of its own.
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

// bound is how long a step of a fault of this kind may take.
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

// Kinds are those that an agent can carry out, sorted.
func Kinds() []proxy.FaultKind { return slices.Sorted(maps.Keys(executors)) }
