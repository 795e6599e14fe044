package topology

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Responder is a DNS server for one name, whose records are several nodes' addresses. It checks what listens at Port of
// each node, and leaves those that are down out of its answers; if all are, it answers with all, as Route 53 and the Lua
// records of PowerDNS do.
type Responder struct {
	Name    string        `json:"name"`    // it is asked for NAME.test
	Records []string      `json:"records"` // node names, in whose order answers begin, each with the next one
	Port    int           `json:"port"`    // at which the nodes serve
	TTL     time.Duration `json:"ttl_ns"`  // whole seconds
	Check   Check         `json:"check"`
}

// Host is the name that users ask for.
func (r Responder) Host() string { return r.Name + ".test" }

// Resolve says that a group's users find their proxy by a DNS name, and how they ask for it.
type Resolve struct {
	Servers  []string      `json:"servers"`    // nodes with a responder; each is asked when the one before has failed
	Timeout  time.Duration `json:"timeout_ns"` // of one question (resolv.conf(5): timeout, default 5 s)
	Attempts int           `json:"attempts"`   // how often all servers are asked (resolv.conf(5): attempts, default 2)
	// Rotate has each question begin with the next server, rather than all with the first (resolv.conf(5): rotate).
	Rotate bool `json:"rotate,omitempty"`
	// Next has a user try the next address of the answer, within the same request, when one cannot be connected to. Without
	// it users keep to the first address until the answer's TTL is over.
	Next bool `json:"next,omitempty"`
	// ConnectTimeout is how long a user waits for an address before trying the next.
	ConnectTimeout time.Duration `json:"connect_timeout_ns,omitempty"`
	// Caches is how many resolvers the users share, each with a cache; 0: every user has one.
	Caches int `json:"caches,omitempty"`
}

// Bounds of a responder and of those who ask it. More than three servers resolvers do not take (resolv.conf(5), MAXNS).
const (
	maxRecords = 16 // fit the 512 bytes of an answer over UDP (RFC 1035, 4.2.1)
	maxServers = 3
	minTTL     = time.Second
	maxTTL     = 24 * time.Hour
)

func (d *design) responder(v yamlfile.Value) *Responder {
	o := v.Object("name", "records", "port", "ttl", "check")
	name, records, ttl := o.Require("name"), o.Require("records"), o.Require("ttl")
	r := &Responder{
		Name: name.Name(), Port: o.Require("port").Int(0, minPort, maxPort),
		TTL: ttl.Duration(0, minTTL, maxTTL), Check: checkOf(o.Require("check").Object(checkKeys...), CheckTCP, CheckHTTP, CheckOrigin),
	}
	if r.TTL%time.Second != 0 {
		ttl.Problemf("a record lives whole seconds, got %s", yamlfile.Span(r.TTL))
	}
	for _, at := range records.List() {
		node := at.String()
		switch {
		case node == "":
			continue
		case slices.Contains(r.Records, node):
			at.Problemf("record %q is listed twice", node)
			continue
		}
		r.Records = append(r.Records, node)
		d.later(func() { d.checkRecord(at, node, r.Port) })
	}
	if n := len(records.List()); records.IsList() && (n < 1 || n > maxRecords) {
		records.Problemf("%d records; a name has 1 to %d", n, maxRecords)
	}
	d.later(func() {
		if slices.Contains(d.t.Origins, Origin{Name: r.Name}) {
			name.Problemf("%s is the name of the origin %s", r.Host(), r.Name)
		}
	})
	return r
}

// checkRecord holds that what a record leads to serves users.
func (d *design) checkRecord(at yamlfile.Value, name string, port int) {
	if _, ok := d.t.Node(name); !ok {
		d.unknown(at, "node", name, namesOf(d.t.Nodes))
		return
	}
	if port != 0 {
		d.checkEntry(at, Entry{Host: name, Port: port})
	}
}

// resolve reads how a group's users ask for their proxy. They enter at the first record of the name.
func (d *design) resolve(v yamlfile.Value, g *Group) *Resolve {
	o := v.Object("servers", "timeout", "attempts", "rotate", "next", "connect_timeout", "caches")
	servers, connect, rotate := o.Require("servers"), o.Get("connect_timeout"), o.Get("rotate")
	r := &Resolve{
		Timeout: o.Get("timeout").Duration(5*time.Second, 10*time.Millisecond, 30*time.Second), Attempts: o.Get("attempts").Int(2, 1, 5),
		Rotate: rotate.Bool(false),
		Next:   o.Get("next").Bool(false), ConnectTimeout: connect.Duration(0, 10*time.Millisecond, 10*time.Minute),
		Caches: o.Get("caches").Int(0, 1, maxUsers),
	}
	if connect.Present() && !r.Next {
		connect.Problemf("users wait for the only address they try as long as for the request; say next: true, or leave connect_timeout out")
	}
	if r.Caches > g.Count && g.Count > 0 {
		o.Get("caches").Problemf("%d caches for %d users", r.Caches, g.Count)
	}
	if r.Rotate && servers.IsList() && len(servers.List()) == 1 {
		rotate.Problemf("there is one DNS server, and none to rotate to; name another, or leave rotate out")
	}
	for _, at := range servers.List() {
		d.askServer(at, r, g)
	}
	if n := len(servers.List()); servers.IsList() && (n < 1 || n > maxServers) {
		servers.Problemf("%d DNS servers; a resolver takes 1 to %d", n, maxServers)
	}
	return r
}

// askServer reads one server that users ask. All of them know the same name.
func (d *design) askServer(at yamlfile.Value, r *Resolve, g *Group) {
	name := at.String()
	n, ok := d.t.Node(name)
	s, responds := n.Responder()
	switch {
	case name == "":
	case slices.Contains(r.Servers, name):
		at.Problemf("server %q is listed twice", name)
	case !ok:
		d.unknown(at, "node", name, d.t.Responders())
	case !responds:
		at.Problemf("node %s has no DNS responder; valid: %s", name, list(d.t.Responders()))
	default:
		r.Servers = append(r.Servers, name)
		entry := Entry{Port: s.DNS.Port}
		if len(s.DNS.Records) > 0 {
			entry.Host = s.DNS.Records[0]
		}
		if len(r.Servers) == 1 {
			g.Proxy = entry
			return
		}
		first, _ := d.t.Node(r.Servers[0])
		other, _ := first.Responder()
		if a, b := other.DNS, s.DNS; a.Name != b.Name || a.Port != b.Port || !slices.Equal(a.Records, b.Records) {
			at.Problemf("%s answers otherwise than %s; the servers of one group have the same name, records and port", name, r.Servers[0])
		}
	}
}
