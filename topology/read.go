package topology

import (
	"fmt"
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
func Read(file string, data []byte) (*Topology, error) { return ReadPatched(file, data) }

// ReadPatched is Read of a design that patches change, one after the other (yamlfile.Value.Merge). A problem with a value that comes from
// a patch has the place in the patch.
func ReadPatched(file string, data []byte, patches ...yamlfile.Value) (*Topology, error) {
	r, root := yamlfile.Read(file, data)
	for _, patch := range patches {
		root.Merge(patch)
	}
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

// design is a topology while Read reads it. Some checks need the whole design, such as whether a name exists. The code that
// reads a value adds such a check to checks. Read runs the checks at the end.
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
	d.t.About = strings.Join(strings.Fields(o.Get("about").String()), " ") // on one line
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
		d.t.WAN = append(d.t.WAN, link(e))
	}
	for _, e := range d.section(o.Require("origins"), "origin", 1, maxOrigins) {
		e.Value.Object()
		d.t.Origins = append(d.t.Origins, Origin{Name: e.Name})
	}
	for _, e := range d.section(o.Require("users"), "user group", 1, maxGroups) {
		d.t.Users = append(d.t.Users, d.group(e))
	}
}

// The capacities that a WAN link can have, in bit/s. Measurements show that a lab keeps these within 5 %.
const (
	MinBandwidth = 100_000
	MaxBandwidth = 500_000_000
)

func link(e yamlfile.Entry) Link {
	o := e.Value.Object("latency", "bandwidth")
	at := o.Get("latency")
	l := Link{Name: e.Name, Latency: at.Duration(0, 0, 10*time.Second), Bandwidth: o.Get("bandwidth").BitRate(0, MinBandwidth, MaxBandwidth)}
	inSteps(at, l.Latency, time.Millisecond, "a WAN link")
	return l
}

// inSteps refuses a time that is not a multiple of the step in which a program counts.
func inSteps(at yamlfile.Value, d, step time.Duration, program string) {
	if d%step != 0 {
		at.Refuse("time-step", "%s counts in steps of %s, got %s", program, yamlfile.Span(step), yamlfile.Span(d))
	}
}

// reserved are the names with another meaning: in a hosts file, below .test, or as the target of a fault.
var reserved = []string{"localhost", "ip6-localhost", "ip6-loopback", "test", "serving", "standby", "any", "all"}

// section reads a mapping of named things.
func (d *design) section(v yamlfile.Value, kind string, least, most int) []yamlfile.Entry {
	entries := v.Entries()
	between(v, kind, len(entries), least, most)
	for _, e := range entries {
		d.declare(e.Key, kind, e.Name)
	}
	return entries
}

// declare checks that a name is new in the design, and not reserved. It reports whether the name is new.
func (d *design) declare(at yamlfile.Value, kind, name string) bool {
	other, taken := d.names[name]
	switch {
	case taken:
		at.Refuse("name-taken", "%s %q has the name of the %s at line %d; names are unique over the whole design", kind, name, other.kind, other.line)
		return false
	case slices.Contains(reserved, name):
		at.Refuse("reserved-name", "the name %q is reserved, as are %s", name, listWithout(reserved, name))
	}
	d.names[name] = declared{kind, at.Line()}
	return true
}

// between checks that a mapping or a list has from least to most entries.
func between(v yamlfile.Value, kind string, n, least, most int) {
	v.Holds(least, most)
	switch {
	case !v.IsMapping() && !v.IsList():
	case n < least:
		v.Refuse("too-few", "want %d to %d entries of kind %s, got %d", least, most, kind, n)
	case n > most:
		v.Refuse("too-many", "want %d to %d entries of kind %s, got %d", least, most, kind, n)
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
		count.Refuse("too-many", "want at most %d users in all groups, got %d up to this group", maxUsers, all)
	}
	d.way(o, e.Key, &g)
	return g
}

// way reads how a group's users reach the proxy.
func (d *design) way(o yamlfile.Object, key yamlfile.Value, g *Group) {
	read := map[string]func(yamlfile.Value, *Group){"pool": d.pool, "proxy": d.entry, "pac": d.pac, "dns": d.resolve}
	ways := o.Among("pool", "proxy", "pac", "dns")
	for i, way := range ways {
		if i == 0 {
			read[way](o.Get(way), g)
			continue
		}
		o.Get(way).Refuse("two-ways", "group %s reaches the proxy by %s already; leave %s or %s out", g.Name, ways[0], ways[0], way)
	}
	if len(ways) == 0 {
		key.Refuse("no-way", "group %s has no way to the proxy; add proxy, pac, pool or dns", g.Name)
	}
}

// entry reads NAME:PORT of an address or a node.
func (d *design) entry(v yamlfile.Value, g *Group) {
	s := v.String()
	v.Must(`^[^:]+:[1-9][0-9]*$`, fmt.Sprintf("the name of an address or a node, and a port from %d to %d, such as proxy:3128", minPort, maxPort))
	if s == "" {
		return
	}
	host, digits, _ := strings.Cut(s, ":")
	port, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(port) != digits || port < minPort || port > maxPort {
		v.Refuse("wrong-value", `want the name of an address or a node, and a port from %d to %d, such as "proxy:3128", got %q`, minPort, maxPort, s)
		return
	}
	g.Proxy = Entry{Host: host, Port: port}
	d.later(func() { d.checkEntry(v, g.Proxy) })
}

// checkEntry checks that a proxy or a balancer serves users who enter at e, on every node that may hold the address.
func (d *design) checkEntry(at yamlfile.Value, e Entry) {
	holders := []string{e.Host}
	if a, ok := d.t.Address(e.Host); ok {
		holders = a.nodes()
	} else if _, ok := d.t.Node(e.Host); !ok {
		d.unknown(at, "address or node", e.Host, append(namesOf(d.t.Addresses), namesOf(d.t.Nodes)...))
		return
	}
	for _, node := range holders {
		d.checkListener(at, node, e.Port, "a forward proxy or a balancer", func(s Service) bool { return !s.Responds() })
	}
}

// checkListener checks that a service listens at a port of a node, and that serves accepts it. If some ports of the node could
// not be read, the file has that problem already, and checkListener reports none.
func (d *design) checkListener(at yamlfile.Value, node string, port int, want string, serves func(Service) bool) {
	n, ok := d.t.Node(node)
	s, listens := n.Serving(port)
	switch {
	case !ok || port == 0:
	case listens && !serves(s):
		at.Refuse("wrong-service", "service %s of node %s is %s; want %s", s.Name, node, s.kind(), want)
	case !listens && !n.unsure():
		at.Refuse("no-listener", "no service of node %s listens at port %d; its services: %s", node, port, n.listeners())
	}
}

// each reads a list of names without repetition and without the names in taken. check runs when the whole design is known.
func (d *design) each(list yamlfile.Value, kind string, least, most int, taken []string, check func(at yamlfile.Value, name string)) []string {
	var names []string
	for _, at := range list.List() {
		switch name := at.Reference(); {
		case name == "":
		case slices.Contains(names, name) || slices.Contains(taken, name):
			at.Refuse("listed-twice", "%s %q is listed twice", kind, name)
		default:
			names = append(names, name)
			d.later(func() { check(at, name) })
		}
	}
	between(list, kind, len(list.List()), least, most)
	return names
}

// unknown records a reference to a name that does not exist. A design without nodes has a greater problem already.
func (d *design) unknown(at yamlfile.Value, kind, name string, valid []string) {
	if len(d.t.Nodes) == 0 {
		return
	}
	if other, ok := d.names[name]; ok {
		at.Refuse("wrong-kind", "%q is the %s at line %d; want kind %s; valid: %s", name, other.kind, other.line, kind, list(valid))
		return
	}
	at.Refuse("unknown-name", "unknown %s %q%s; valid: %s", kind, name, yamlfile.Suggest(name, valid), list(valid))
}
