package topology

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// balanceKeys are the keys of every balancer, and then those of one kind of engine.
var (
	balanceKeys = []string{"algorithm", "servers", "backup", "check", "passive", "connect_timeout", "retries", "redispatch"}
	activeKeys  = []string{"client_timeout", "server_timeout", "on_marked_down", "on_marked_up"}
	passiveKeys = []string{"proxy_timeout"}
)

func (d *design) balance(node string, engine Engine, v yamlfile.Value) *Balance {
	o := v.Object(slices.Concat(balanceKeys, activeKeys, passiveKeys)...)
	b := &Balance{
		Algorithm:      o.Get("algorithm").OneOf("roundrobin", "roundrobin", "leastconn", "source"),
		ConnectTimeout: o.Require("connect_timeout").Duration(0, time.Millisecond, time.Hour),
	}
	servers, backup := o.Require("servers"), o.Get("backup")
	if servers.Present() && servers.IsList() && len(servers.List()) == 0 {
		servers.Problemf("no server; name at least one node with a forward proxy")
	}
	b.Servers = d.servers(node, servers, nil)
	b.Backup = d.servers(node, backup, b.Servers)
	if engine == Nginx {
		b.passively(o)
	} else {
		b.actively(o, engine)
	}
	return b
}

// What a balancer may do with the connections of a server that is marked down or up, by HAProxy's words.
const (
	keepSessions    = "none"
	shutSessions    = "shutdown-sessions"
	shutBackup      = "shutdown-backup-sessions"
	longestInterval = 10 // of redispatch: as many as the retries
)

// actively reads how a balancer with checks of its own judges and tries its servers, with HAProxy's defaults.
func (b *Balance) actively(o yamlfile.Object, engine Engine) {
	b.Check = checkOf(o.Require("check").Object(checkKeys...), CheckTCP, CheckHTTP, CheckOrigin)
	b.Retries = o.Get("retries").Int(3, 0, 10)
	b.Redispatch, b.RedispatchEvery = o.Get("redispatch").BoolOrInt(false, 1, longestInterval)
	b.ClientTimeout = o.Get("client_timeout").Duration(0, time.Millisecond, 24*time.Hour)
	b.ServerTimeout = o.Get("server_timeout").Duration(0, time.Millisecond, 24*time.Hour)
	b.ShutdownSessions = o.Get("on_marked_down").OneOf(keepSessions, keepSessions, shutSessions) == shutSessions
	b.ShutdownBackups = o.Get("on_marked_up").OneOf(keepSessions, keepSessions, shutBackup) == shutBackup
	if engine == "" {
		return
	}
	if passive := o.Get("passive"); passive.Present() {
		passive.Problemf("engine %s checks its servers actively; leave passive out, check says how", engine)
	}
	if timeout := o.Get("proxy_timeout"); timeout.Present() {
		timeout.Problemf("proxy_timeout is nginx's, engine %s has client_timeout and server_timeout", engine)
	}
}

// servers reads a list of a balancer's servers, of which none is in other.
func (d *design) servers(node string, v yamlfile.Value, other []string) []string {
	var names []string
	for _, at := range v.List() {
		name := at.String()
		switch {
		case name == "":
		case slices.Contains(names, name):
			at.Problemf("server %q is listed twice", name)
		case slices.Contains(other, name):
			at.Problemf("%q is a server already; a backup is another node", name)
		default:
			names = append(names, name)
			d.later(func() { d.checkServer(node, at, name) })
		}
	}
	return names
}

// checkServer holds that a balancer's server is another node with one forward proxy. Balancers spread over forward
// proxies only, so they cannot form a cycle.
func (d *design) checkServer(balancer string, at yamlfile.Value, name string) {
	var valid []string
	for _, n := range d.t.Nodes {
		if n.Name != balancer && len(n.forwardProxies()) == 1 {
			valid = append(valid, n.Name)
		}
	}
	n, ok := d.t.Node(name)
	switch {
	case !ok:
		d.unknown(at, "node", name, valid)
	case name == balancer:
		at.Problemf("node %s would balance itself; valid: %s", name, list(valid))
	case len(n.Services) > 0 && len(n.forwardProxies()) != 1:
		at.Problemf("a server needs exactly one forward proxy, node %s has %d; valid: %s", name, len(n.forwardProxies()), list(valid))
	}
}
