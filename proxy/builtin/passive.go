package builtin

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// preparePassive makes the passive check of every server. A single server is always used, as in nginx.
func (b *balancer) preparePassive(cfg topology.Passive) error {
	for range b.cfg.Servers {
		p, err := policy.NewPassive(policy.PassiveConfig{MaxFails: cfg.MaxFails, FailTimeout: cfg.FailTimeout})
		if err != nil {
			return err
		}
		if len(b.cfg.Servers) > 1 {
			b.passive = append(b.passive, p)
		}
	}
	return nil
}

// refresh updates the pool by the passive checks. The caller holds b.mu.
func (b *balancer) refresh() {
	now := proxy.Monotonic()
	for i, p := range b.passive {
		b.pool.Set(i, p.Usable(now))
	}
}

// connected passes the result of a connect to server i to its passive check.
func (b *balancer) connected(i int, err error) {
	if len(b.passive) == 0 {
		return
	}
	now := proxy.Monotonic()
	b.mu.Lock()
	defer b.mu.Unlock()
	if err == nil {
		b.passive[i].Succeeded()
		return
	}
	if b.passive[i].Failed(now) {
		b.events.print(proxy.Event{At: now, Kind: proxy.EventServerDown, Subject: b.cfg.Servers[i].Name,
			For: b.cfg.Passive.FailTimeout, Text: err.Error()})
	}
}
