package design

import (
	"slices"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// service describes what an engine does with its file, as far as a design can say it.
func (m *maker) service(h *deployment.Host, r deployment.Run) topology.Service {
	s := topology.Service{Name: r.Engine, Engine: topology.Engine(r.Engine), Port: m.port(h, r.Engine)}
	switch r.Engine {
	case deployment.HAProxy:
		s.Balance = m.balance(h.HAProxy)
	case deployment.Nginx:
		s.Balance = m.passive(h)
	case deployment.Squid:
		var parents []string
		for _, p := range h.Squid.Parents() {
			if node, ok := m.ours(p.Host.Value); ok && !slices.Contains(parents, node) {
				parents = append(parents, node)
			}
		}
		if len(parents) > 0 {
			s.Parents = &topology.Parents{Nodes: parents}
		}
	}
	return s
}

// port is that at which users come in, else the first at which the engine listens.
func (m *maker) port(h *deployment.Host, engine string) (port int) {
	for _, s := range h.Sockets() {
		if s.Engine != engine {
			continue
		}
		if port == 0 || slices.ContainsFunc(m.System.Users, func(e deployment.Entry) bool { return int(e.Address.Port()) == s.Port }) {
			port = s.Port
		}
	}
	return port
}

// ours gives the node that files call host, if it runs a file.
func (m *maker) ours(host string) (string, bool) {
	h, ok := m.Find(host)
	if !ok || len(h.Runs) == 0 {
		return "", false
	}
	return m.name(h), true
}

// balance describes the servers of a haproxy.cfg, and the timers of its first one.
func (m *maker) balance(c *haproxy.Config) *topology.Balance {
	b := &topology.Balance{Algorithm: "roundrobin", Servers: []string{}}
	for _, p := range c.Proxies {
		for _, s := range p.Servers {
			node, ok := m.ours(s.Host)
			if !ok || slices.Contains(b.All(), node) {
				continue
			}
			if len(b.All()) == 0 {
				b.Check = topology.Check{Kind: topology.CheckTCP, Interval: s.Inter.Value, Timeout: s.Inter.Value, Fall: s.Fall.Value, Rise: s.Rise.Value}
				b.ConnectTimeout, b.Retries = p.Timeouts.Connect.Value, p.Retries.Value
			}
			if s.Backup.Value {
				b.Backup = append(b.Backup, node)
			} else {
				b.Servers = append(b.Servers, node)
			}
		}
	}
	if len(b.Servers) == 0 { // all are backups, or none is ours
		b.Servers, b.Backup = append(b.Servers, b.Backup...), nil
	}
	return b
}

// passive describes the servers of an nginx.conf; nil: it passes nothing on to our nodes.
func (m *maker) passive(h *deployment.Host) *topology.Balance {
	b := &topology.Balance{Algorithm: "roundrobin", Servers: []string{}, Passive: &topology.Passive{}}
	for _, u := range h.Nginx.Upstreams {
		for _, p := range u.Peers {
			if node, ok := m.ours(p.Host); ok && !slices.Contains(b.Servers, node) {
				b.Servers = append(b.Servers, node)
			}
			if c, ok := u.PassiveOf(p); ok {
				b.Passive = &topology.Passive{MaxFails: c.MaxFails, FailTimeout: c.FailTimeout}
			}
		}
	}
	if len(b.Servers) == 0 {
		return nil
	}
	return b
}
