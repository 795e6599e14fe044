package configure

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// balancer is the process of a builtin balancer.
func (c configurer) balancer(node topology.Node, service topology.Service) (proxy.Process, error) {
	task, err := c.task(node, service)
	if err != nil {
		return proxy.Process{}, err
	}
	config := balancing(task)
	process, err := builtin(service.Name, "builtin", "balancer", c.dir(node.Name), config)
	if err != nil {
		return proxy.Process{}, err
	}
	process.Listen = []string{config.Listen, config.HealthListen}
	process.Ready, err = c.local(node.Name, service.Port)
	return process, err
}

// balancing is the configuration of a builtin balancer.
func balancing(t engine.Task) proxy.BalancerConfig {
	b := t.Service.Balance
	config := proxy.BalancerConfig{
		Node: t.Node, Listen: t.Listen, HealthListen: t.Health, Algorithm: b.Algorithm, Check: b.Check, Passive: b.Passive,
		ConnectTimeout: b.ConnectTimeout, Retries: b.Retries, Redispatch: b.Redispatch, RedispatchEvery: b.RedispatchEvery,
		IdleTimeout: b.IdleTimeout(), ShutdownSessions: b.ShutdownSessions, ShutdownBackups: b.ShutdownBackups,
	}
	for _, s := range t.Servers {
		config.Servers = append(config.Servers, s.BalancedServer)
	}
	return config
}
