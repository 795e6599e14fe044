package agent

import (
	"context"
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
var executors = map[string]func(*host) executor{
	faultPowerLoss: powerLoss,
	faultCrash:     crash,
	faultHang:      hang,
	faultWANLoss:   wanLoss,
	faultDegrade:   wanDegrade,
	faultFlap:      wanFlap,
	faultPSU:       psuFailure,
	faultFans:      fanFailure,
	faultOverheat:  overheat,
	faultZone:      overheat,
	faultFeed:      powerOutage,
	faultMains:     powerOutage,
	faultPartition: partition,
	faultConfig:    configBreak,
	faultRolling:   rollingRestart,
	faultDisk:      diskFull,
	faultBlock:     exitBlock,
	faultColdCache: coldCache,
	faultSlow:      slowOrigin,
	faultDNS:       dnsFailure,
	faultSurge:     surge,
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
