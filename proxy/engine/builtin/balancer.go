package builtin

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
)

// balancer runs a balancer.
func balancer(t engine.Task) (proxy.Process, error) {
	b := t.Service.Balance
	config := proxy.BalancerConfig{
		Node: t.Node, Listen: t.Listen, HealthListen: t.Health, Algorithm: b.Algorithm, Check: b.Check, Passive: b.Passive,
		ConnectTimeout: b.ConnectTimeout, Retries: b.Retries, Redispatch: b.Redispatch, RedispatchEvery: b.RedispatchEvery,
		IdleTimeout: b.IdleTimeout(), ShutdownSessions: b.ShutdownSessions, ShutdownBackups: b.ShutdownBackups,
	}
	for _, s := range t.Servers {
		config.Servers = append(config.Servers, s.BalancedServer)
	}
	p, err := program(t.Service.Name, "balancer", t.Dir, config)
	p.Listen, p.Ready = []string{config.Listen, config.HealthListen}, t.Ready
	return p, err
}
