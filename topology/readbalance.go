package topology

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The keys of every balancer, of those with active checks, and of those with passive checks.
var (
	balanceKeys = []string{"algorithm", "servers", "backup", "check", "passive", "connect_timeout", "retries", "redispatch"}
	activeKeys  = []string{"client_timeout", "server_timeout", "on_marked_down", "on_marked_up"}
	passiveKeys = []string{"proxy_timeout"}
)

func (d *design) balance(node string, engine Engine, v yamlfile.Value) *Balance {
	if !v.Present() {
		return nil
	}
	o := v.Object(slices.Concat(balanceKeys, activeKeys, passiveKeys)...)
	b := &Balance{
		Algorithm:      o.Get("algorithm").OneOf("roundrobin", "roundrobin", "leastconn", "source"),
		ConnectTimeout: o.Require("connect_timeout").Duration(0, time.Millisecond, time.Hour),
	}
	servers := func(list yamlfile.Value, least int, taken []string) []string {
		return d.each(list, "server", least, maxNodes, taken, func(at yamlfile.Value, name string) { d.checkServer(node, at, name) })
	}
	b.Servers = servers(o.Require("servers"), 1, nil)
	b.Backup = servers(o.Get("backup"), 0, b.Servers)
	if engine.has(canCheckPassively) {
		b.readPassive(o, engine)
	} else {
		b.readActive(o, engine)
	}
	return b
}

// HAProxy's values for the connections of a server that is marked down or up.
const (
	keepSessions    = "none"
	shutSessions    = "shutdown-sessions"
	shutBackup      = "shutdown-backup-sessions"
	longestInterval = 10 // of redispatch: as many as the retries
)

// readActive reads the keys of a balancer with active checks. The defaults are HAProxy's.
func (b *Balance) readActive(o yamlfile.Object, engine Engine) {
	b.Check = checkOf(o.Require("check").Object(checkKeys...))
	b.Retries = o.Get("retries").Int(3, 0, 10)
	b.Redispatch, b.RedispatchEvery = o.Get("redispatch").BoolOrInt(false, 1, longestInterval)
	b.ClientTimeout = o.Get("client_timeout").Duration(0, time.Millisecond, 24*time.Hour)
	b.ServerTimeout = o.Get("server_timeout").Duration(0, time.Millisecond, 24*time.Hour)
	b.ShutdownSessions = o.Get("on_marked_down").OneOf(keepSessions, keepSessions, shutSessions) == shutSessions
	b.ShutdownBackups = o.Get("on_marked_up").OneOf(keepSessions, keepSessions, shutBackup) == shutBackup
	for _, key := range append([]string{"passive"}, passiveKeys...) {
		engine.need(canCheckPassively, key, o.Get(key))
	}
}

// checkServer checks that a balancer's server is another node with one forward proxy. A balancer is never a server, so
// balancers form no cycle.
func (d *design) checkServer(balancer string, at yamlfile.Value, name string) {
	d.checkPeer("unfit-server", at, name, "node %s cannot be a server; want another node with exactly one forward proxy; valid: %s", func(n Node) bool {
		return n.Name != balancer && len(n.forwardProxies()) == 1
	})
}
