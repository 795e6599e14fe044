package topology

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Responder is a DNS server for one name, whose records are the addresses of nodes. It checks the service at Port of each node,
// and leaves nodes that are down out of its answers. If all are down it answers with all, as Route 53 and the Lua records of
// PowerDNS do.
type Responder struct {
	Name    string        `json:"name"`    // it is asked for NAME.test
	Records []string      `json:"records"` // node names; each answer starts with the next one
	Port    int           `json:"port"`    // of the service on the nodes
	TTL     time.Duration `json:"ttl_ns"`  // whole seconds
	Check   Check         `json:"check"`
}

// Host is the name that users ask for.
func (r Responder) Host() string { return r.Name + ".test" }

// Resolve says how the users of a group look their proxy up in the DNS.
type Resolve struct {
	Servers  []string      `json:"servers"`    // nodes with a responder; users ask the next one if one fails
	Timeout  time.Duration `json:"timeout_ns"` // of one query (resolv.conf(5): timeout, default 5 s)
	Attempts int           `json:"attempts"`   // rounds over all servers (resolv.conf(5): attempts, default 2)
	// Rotate: each query starts with the next server, not with the first (resolv.conf(5): rotate).
	Rotate bool `json:"rotate,omitempty"`
	// Next: if a connection fails, a user tries the next address of the answer within the same request. Without it, users stay
	// with the first address until the TTL of the answer has passed.
	Next bool `json:"next,omitempty"`
	// ConnectTimeout is the time after which a user tries the next address.
	ConnectTimeout time.Duration `json:"connect_timeout_ns,omitempty"`
	// Caches is the number of resolvers that the users share, each with a cache; 0: every user has one.
	Caches int `json:"caches,omitempty"`
}

// Bounds of responders and resolvers. A resolver takes at most three servers (resolv.conf(5), MAXNS).
const (
	maxRecords = 16 // fit the 512 bytes of an answer over UDP (RFC 1035, 4.2.1)
	maxServers = 3
	minTTL     = time.Second
	maxTTL     = 24 * time.Hour
)

func (d *design) responder(v yamlfile.Value) *Responder {
	if !v.Present() {
		return nil
	}
	o := v.Object("name", "records", "port", "ttl", "check")
	name, records, ttl := o.Require("name"), o.Require("records"), o.Require("ttl")
	r := &Responder{
		Name: name.Name(), Port: o.Require("port").Int(0, minPort, maxPort),
		TTL: ttl.Duration(0, minTTL, maxTTL), Check: checkOf(o.Require("check").Object(checkKeys...)),
	}
	inSteps(ttl, r.TTL, time.Second, "the TTL of a record")
	r.Records = d.each(records, "record", 1, maxRecords, nil, func(at yamlfile.Value, node string) { d.checkRecord(at, node, r.Port) })
	d.later(func() {
		if slices.Contains(d.t.Origins, Origin{Name: r.Name}) {
			name.Refuse("name-taken", "%s is the name of origin %s; choose another name", r.Host(), r.Name)
		}
	})
	return r
}

// checkRecord checks that a proxy or a balancer serves users at the node of a record.
func (d *design) checkRecord(at yamlfile.Value, name string, port int) {
	if _, ok := d.t.Node(name); !ok {
		d.unknown(at, "node", name, namesOf(d.t.Nodes))
		return
	}
	d.checkEntry(at, Entry{Host: name, Port: port})
}

// resolve reads how a group's users ask for their proxy. They count as entering at the first record of the name.
func (d *design) resolve(v yamlfile.Value, g *Group) {
	o := v.Object("servers", "timeout", "attempts", "rotate", "next", "connect_timeout", "caches")
	servers, connect, rotate, caches := o.Require("servers"), o.Get("connect_timeout"), o.Get("rotate"), o.Get("caches")
	r := &Resolve{
		Timeout: o.Get("timeout").Duration(5*time.Second, 10*time.Millisecond, 30*time.Second), Attempts: o.Get("attempts").Int(2, 1, 5),
		Rotate: rotate.Bool(false),
		Next:   o.Get("next").Bool(false), ConnectTimeout: connect.Duration(0, 10*time.Millisecond, 10*time.Minute),
		Caches: caches.Int(0, 1, maxUsers),
	}
	if !r.Next {
		connect.Refuse("unused-key", "connect_timeout needs next: true: users who try one address wait until the request ends; add next: true, or leave connect_timeout out")
	}
	if r.Caches > g.Count && g.Count > 0 {
		caches.Refuse("too-many", "want at most %d caches for %d users, got %d", g.Count, g.Count, r.Caches)
	}
	if r.Rotate && servers.IsList() && len(servers.List()) == 1 {
		rotate.Refuse("unused-key", "rotate needs a second DNS server; add one, or leave rotate out")
	}
	r.Servers = d.each(servers, "server", 1, maxServers, nil, func(at yamlfile.Value, name string) { d.checkDNSServer(at, name, r.Servers[0]) })
	g.DNS = r
	if first, ok := d.t.ResponderOf(*g); ok {
		g.Proxy.Port = first.Port
		if len(first.Records) > 0 {
			g.Proxy.Host = first.Records[0]
		}
	}
}

// checkDNSServer checks that a node has a DNS server, and that it answers as the first server of the group.
func (d *design) checkDNSServer(at yamlfile.Value, name, first string) {
	n, ok := d.t.Node(name)
	s, responds := n.Responder()
	one, _ := d.t.Node(first)
	other, known := one.Responder()
	switch {
	case !ok:
		d.unknown(at, "node", name, d.t.Responders())
	case !responds:
		at.Refuse("wrong-service", "node %s has no DNS server; valid: %s", name, list(d.t.Responders()))
	case !known: // a problem of the first server
	case s.DNS.Name != other.DNS.Name || s.DNS.Port != other.DNS.Port || !slices.Equal(s.DNS.Records, other.DNS.Records):
		at.Refuse("servers-differ", "the DNS servers %s and %s differ; the servers of a group need the same name, records and port", first, name)
	}
}
