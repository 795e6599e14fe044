package topology

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// The most that one file may have.
const (
	maxNodes     = 100
	maxServices  = 10 // of one node
	maxAddresses = 20
	maxLinks     = 20
	maxOrigins   = 20
	maxGroups    = 20
)

// Read parses and validates a topology file; file is the name that problems carry. The error holds every problem of the
// file at once and is a *yamlfile.Problems.
func Read(file string, data []byte) (*Topology, error) {
	r, root := yamlfile.Read(file, data)
	d := &design{names: make(map[string]declared)}
	d.read(root)
	for _, check := range d.checks {
		check()
	}
	if err := r.Err(); err != nil {
		return nil, err
	}
	return &d.t, nil
}

// design is a topology while it is read. What only the whole design can tell, such as whether a name exists, is put
// into checks beside the reading of the value it concerns, and runs when all is read.
type design struct {
	t      Topology
	names  map[string]declared
	checks []func()
	// pacTime is the processor time of the PAC files so far.
	pacTime time.Duration
}

type declared struct {
	kind string
	line int
}

func (d *design) later(check func()) { d.checks = append(d.checks, check) }

func (d *design) read(root yamlfile.Value) {
	o := root.Object("topology", "about", "nodes", "addresses", "power", "cooling", "signals", "wan", "origins", "users")
	d.t.Name = o.Require("topology").Name()
	d.t.About = strings.Join(strings.Fields(o.Get("about").String()), " ") // one line, however it is written
	for _, e := range d.section(o.Require("nodes"), "node", 1, maxNodes) {
		d.t.Nodes = append(d.t.Nodes, d.node(e))
	}
	for _, e := range d.section(o.Get("addresses"), "address", 0, maxAddresses) {
		d.t.Addresses = append(d.t.Addresses, d.address(e))
	}
	d.t.Power = d.power(o.Get("power"))
	d.t.Cooling = d.cooling(o.Get("cooling"))
	d.t.Signals = d.signals(o.Get("signals"))
	for _, e := range d.section(o.Require("wan"), "WAN link", 1, maxLinks) {
		o := e.Value.Object("latency", "bandwidth")
		at := o.Get("latency")
		latency := at.Duration(0, 0, 10*time.Second)
		if latency%time.Millisecond != 0 {
			at.Problemf("a WAN link adds whole milliseconds, got %s", yamlfile.Span(latency))
		}
		d.t.WAN = append(d.t.WAN, Link{Name: e.Name, Latency: latency, Bandwidth: o.Get("bandwidth").BitRate(0, MinBandwidth, MaxBandwidth)})
	}
	for _, e := range d.section(o.Require("origins"), "origin", 1, maxOrigins) {
		e.Value.Object()
		d.t.Origins = append(d.t.Origins, Origin{Name: e.Name})
	}
	for _, e := range d.section(o.Require("users"), "user group", 1, maxGroups) {
		d.t.Users = append(d.t.Users, d.group(e))
	}
}

// The capacities that a WAN link can have, in bit/s: what has been measured to be kept within 5 %.
const (
	MinBandwidth = 100_000
	MaxBandwidth = 500_000_000
)

// reserved are the names that stand for something else: in a hosts file, below .test, or as the target of a fault.
var reserved = []string{"localhost", "ip6-localhost", "ip6-loopback", "test", "serving", "standby", "any", "all"}

// section reads one of the lists of named things; all names of a design are different.
func (d *design) section(v yamlfile.Value, kind string, least, most int) []yamlfile.Entry {
	entries := v.Entries()
	if v.IsMapping() {
		between(v, kind, len(entries), least, most)
	}
	for _, e := range entries {
		other, taken := d.names[e.Name]
		switch {
		case taken:
			e.Key.Problemf("%s %q has the name of the %s at line %d; names are unique over the whole design",
				kind, e.Name, other.kind, other.line)
		case slices.Contains(reserved, e.Name):
			e.Key.Problemf("the name %q is reserved, as are %s", e.Name, but(reserved, e.Name))
		}
		if !taken {
			d.names[e.Name] = declared{kind, e.Key.Line()}
		}
	}
	return entries
}

func between(v yamlfile.Value, kind string, n, least, most int) {
	switch {
	case n < least:
		v.Problemf("no %s; at least one is needed", kind)
	case n > most:
		v.Problemf("%d of the kind %s; at most %d are possible", n, kind, most)
	}
}

// maxUsers bounds the users of all groups together: a sample has 16 bits for its user.
const maxUsers = 60000

func (d *design) group(e yamlfile.Entry) Group {
	o := e.Value.Object("count", "proxy", "pac", "pool", "dns")
	count := o.Require("count")
	g := Group{Name: e.Name, Count: count.Int(0, 1, maxUsers)}
	all := g.Count
	for _, other := range d.t.Users {
		all += other.Count
	}
	if all > maxUsers && len(d.t.Users) > 0 {
		count.Problemf("%d users in all groups so far; at most %d are possible", all, maxUsers)
	}
	if pool := o.Get("pool"); pool.Present() {
		for _, other := range []string{"proxy", "pac", "dns"} {
			if v := o.Get(other); v.Present() {
				v.Problemf("users go out by a pool already; leave %s out, or the pool", other)
			}
		}
		if g.Pool = d.pool(pool); len(g.Pool.Exits) > 0 {
			g.Proxy = Entry{Host: g.Pool.Exits[0], Port: g.Pool.Port}
		}
		return g
	}
	d.way(o, e.Key, &g)
	return g
}

// hostPort reads NAME:PORT.
func hostPort(v yamlfile.Value) (string, int, bool) {
	s := v.String()
	if s == "" {
		return "", 0, false
	}
	host, digits, _ := strings.Cut(s, ":")
	port, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(port) != digits || port < minPort || port > maxPort {
		v.Problemf(`want the name of an address or a node and a port from %d to %d, such as "proxy:3128", got %q`, minPort, maxPort, s)
		return "", 0, false
	}
	return host, port, true
}

// checkEntry holds that users who enter at e are served, whoever holds the address.
func (d *design) checkEntry(at yamlfile.Value, e Entry) {
	holders := []string{e.Host}
	if a, ok := d.t.Address(e.Host); ok {
		holders = holders[:0]
		for _, m := range a.Members {
			holders = append(holders, m.Node)
		}
	} else if _, ok := d.t.Node(e.Host); !ok {
		d.unknown(at, "address or node", e.Host, append(namesOf(d.t.Addresses), namesOf(d.t.Nodes)...))
		return
	}
	for _, name := range holders {
		n, ok := d.t.Node(name)
		s, serves := n.Serving(e.Port)
		if serves && s.Responds() {
			at.Problemf("%s of node %s answers DNS and serves no users; want the port of a proxy or a balancer", s.Name, name)
		}
		if !ok || serves || n.unsure() {
			continue
		}
		at.Problemf("no service on node %s listens at port %d; its services: %s", name, e.Port, n.listeners())
	}
}

// unknown records a reference to a name that is not there. A design without nodes has a greater problem, said already.
func (d *design) unknown(at yamlfile.Value, kind, name string, valid []string) {
	if len(d.t.Nodes) == 0 {
		return
	}
	if other, ok := d.names[name]; ok {
		at.Problemf("%q is no %s but the %s at line %d; valid: %s", name, kind, other.kind, other.line, list(valid))
		return
	}
	at.Problemf("unknown %s %q%s; valid: %s", kind, name, yamlfile.Suggest(name, valid), list(valid))
}
