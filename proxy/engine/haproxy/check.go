package haproxy

import (
	"net/netip"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Answers tells whether the checks of the proxy want an answer of the service, so that they see a frozen process. Of an external command it
// is not known; the proxy's Probe says so.
func (p *Proxy) Answers() bool {
	switch p.Probe.Kind.Value {
	case ConnectProbe:
		return false
	case TCPProbe:
		for _, step := range p.Probe.Rules {
			if step.Action == "expect" {
				return true
			}
		}
		return false
	}
	return true
}

// handshake tells whether the checks of a server begin with TLS.
func (p *Proxy) handshake(s *Server) bool {
	if len(p.Probe.Rules) > 0 && p.Probe.Rules[0].Action == "connect" {
		return p.Probe.Rules[0].TLS || s.CheckSSL.Value && strings.Contains(" "+p.Probe.Rules[0].Text+" ", " default ")
	}
	return s.CheckSSL.Value
}

// CheckOf gives the timers of the health check of a server of the proxy, for the formulas BalancerDown and BalancerUp. It holds only if the
// server is Checked.
func (p *Proxy) CheckOf(s *Server) policy.Check {
	return policy.Check{
		HTTP: p.Answers(), TLS: p.handshake(s),
		Interval: s.Inter.Value, Fast: s.FastInter.Value, Down: s.DownInter.Value,
		Timeout: p.Timeouts.Check.Value, Connect: p.Timeouts.Connect.Value, Fall: s.Fall.Value, Rise: s.Rise.Value,
	}
}

// Checked gives the server whose check decides about a server, with its proxy: itself, or the one that it tracks. There is none if nothing
// checks it.
func (c *Config) Checked(p *Proxy, s *Server) (*Proxy, *Server, bool) {
	for range 32 { // a chain of tracks; HAProxy refuses a circle
		if s.Track.Value == "" {
			return p, s, s.Check.Value
		}
		backend, name, ok := strings.Cut(s.Track.Value, "/")
		if !ok {
			backend, name = p.Name, s.Track.Value
		}
		if p = c.Serving(backend); p == nil {
			return nil, nil, false
		}
		if s = p.Server(name); s == nil {
			return nil, nil, false
		}
	}
	return nil, nil, false
}

// AgentDown bounds the time from a change of what the agent of a server says until HAProxy obeys it. An agent that does not answer changes
// nothing (configuration manual, "agent-check").
func (s *Server) AgentDown() policy.Bounds { return policy.Bounds{Hi: s.AgentInter.Value} }

// CheckedPort is the port that the check of a server asks: that of its first connect step, else its check port. 0: not known.
func (p *Proxy) CheckedPort(s *Server) int {
	if len(p.Probe.Rules) > 0 && p.Probe.Rules[0].Port > 0 {
		return p.Probe.Rules[0].Port
	}
	return s.CheckPort.Value
}

// Serving gives the backend or listen section of a name; nil if there is none.
func (c *Config) Serving(name string) *Proxy { return c.serving[name] }

// Server gives the server of a name; nil if there is none.
func (p *Proxy) Server(name string) *Server {
	for _, s := range p.Servers {
		if s.Name == name {
			return s
		}
	}
	return nil
}

// Active gives the servers that are not disabled: those that serve, and the backups, of which only the first serves without AllBackups.
func (p *Proxy) Active() (serving, backups []*Server) {
	for _, s := range p.Servers {
		switch {
		case s.Disabled.Value:
		case s.Backup.Value:
			backups = append(backups, s)
		default:
			serving = append(serving, s)
		}
	}
	return serving, backups
}

// Named tells whether the server has a name that must be resolved.
func (s *Server) Named() bool {
	if s.Host == "" || s.Host == "*" || s.Path != "" || s.Host == "localhost" {
		return false
	}
	_, err := netip.ParseAddr(s.Host)
	return err != nil && !strings.Contains(s.Host, "$")
}

// hashes are the algorithms that choose a server by a property of the connection or request.
var hashes = set("source uri url_param hdr rdp-cookie hash")

// Hashes tells whether the algorithm gives the same user, or the same request, the same server.
func (p *Proxy) Hashes() bool {
	name, _, _ := strings.Cut(p.Balance.Value, " ")
	name, _, _ = strings.Cut(name, "(")
	return hashes[name]
}

// SameAgain tells whether a connection that is redispatched reaches the same server again until it is down: a map-based hash is over the
// servers that are up (configuration manual, "hash-type").
func (p *Proxy) SameAgain() bool {
	return p.Hashes() && !strings.HasPrefix(p.HashType.Value, "consistent")
}
