package nginx

import (
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// upstreams reads the groups of an http or stream block: a proxy_pass may stand before the group that it names.
func (r *reader) upstreams(block statement) {
	for _, s := range block.Block {
		if s.Name() == "upstream" && r.has(s) && r.room(s) {
			r.upstream(s, block.Name() == "stream")
		}
	}
}

// upstream reads a group.
func (r *reader) upstream(block statement, stream bool) {
	u := &Upstream{Name: block.Arg(0).Text, Stream: stream, At: block.Arg(0).At}
	u.Method.Value, u.KeepAliveTimeout.Value = "round_robin", time.Minute
	for _, s := range block.Block {
		switch s.Name() {
		case "server":
			if r.has(s) && r.room(s) {
				r.peer(u, s)
			}
		case "zone":
			r.text(&u.Zone, s)
		case "least_conn", "ip_hash", "hash", "random", "least_time", "fair":
			u.Method = given(joined(s.Words), s.At())
		case "keepalive":
			r.number(&u.KeepAlive, s, s.Arg(0).Text)
		case "keepalive_timeout":
			r.span(&u.KeepAliveTimeout, s, s.Arg(0).Text)
		default:
			r.judge(s)
		}
	}
	r.groups[key(stream, u.Name)] = u
	r.cfg.Upstreams = append(r.cfg.Upstreams, u)
}

// peer reads a server of a group.
func (r *reader) peer(u *Upstream, s statement) {
	w := s.Arg(0)
	a := address(w.Text)
	if a.bad {
		r.refuse(w, "server %s: want an address with a port from 1 to 65535", w.Text)
		return
	}
	if a.low == 0 && a.path == "" && !u.Stream {
		a.low = 80
	}
	p := newPeer(a, w.At)
	u.Peers = append(u.Peers, p)
	for _, w := range s.Args()[1:] {
		r.parameter(p, w)
	}
}

// parameter reads a parameter of a server of a group.
func (r *reader) parameter(p *Peer, w word) {
	name, value, _ := strings.Cut(w.Text, "=")
	of := statement{Words: []word{w}}
	switch name {
	case "weight":
		r.number(&p.Weight, of, value)
	case "max_fails":
		r.number(&p.MaxFails, of, value)
	case "max_conns":
		r.number(&p.MaxConns, of, value)
	case "fail_timeout":
		r.seconds(&p.FailTimeout, of, value)
	case "backup":
		p.Backup = given(true, w.At)
	case "down":
		p.Down = given(true, w.At)
	case "resolve", "service", "slow_start", "route", "drain":
		r.unlisted(of, "server of an upstream")
	default:
		r.refuse(w, "server parameter %q: want weight, max_conns, max_fails, fail_timeout, backup or down", w.Text)
	}
}

// Usable gives the servers that are not down: those that serve, and the backups, which serve while none of those does.
func (u *Upstream) Usable() (serving, backups []*Peer) {
	for _, p := range u.Peers {
		switch {
		case p.Down.Value:
		case p.Backup.Value:
			backups = append(backups, p)
		default:
			serving = append(serving, p)
		}
	}
	return serving, backups
}

// PassiveOf gives the timers by which failures set a server aside. There are none if max_fails is 0, or if the group has a single server
// (ngx_http_upstream_round_robin.c, peers->single). A name with several addresses counts as one here, and as several servers for nginx.
func (u *Upstream) PassiveOf(p *Peer) (policy.PassiveConfig, bool) {
	cfg := policy.PassiveConfig{MaxFails: p.MaxFails.Value, FailTimeout: p.FailTimeout.Value}
	return cfg, len(u.Peers) > 1 && cfg.Validate() == nil
}

// Counters is the number of counters of failures that a group has: 1 with a zone, else one for each worker. 0: one for each processor.
func (c *Config) Counters(u *Upstream) int {
	if u.Zone.Value != "" {
		return 1
	}
	return c.Workers.Value
}

// Upstream gives the group to which a location passes; nil if it passes nothing, or depends on a variable.
func (c *Config) Upstream(s *Server, l *Location) *Upstream {
	if l.Upstream == "" {
		return nil
	}
	for _, u := range c.Upstreams {
		if u.Stream == s.Stream && strings.EqualFold(u.Name, l.Upstream) {
			return u
		}
	}
	return nil
}
