package promise

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// index is what a predictor looks up for each fault. Files with thousands of servers have thousands of faults, and each of them hits a few
// servers. Nothing in it depends on a setting that a knob changes.
type index struct {
	entries  map[string][]int // that a fault of a node may concern, by its name
	routers  map[netip.Addr]keepalived.Router
	fronts   map[socket][]*front
	groups   map[*haproxy.Proxy]*group
	durable  map[configtext.Pos][]duration // settings of time, by their place
	standard map[string][]duration         // those that no file sets, by their words
	inters   map[configtext.Pos][]*haproxy.Server
	checks   map[*deployment.Host][]checking
	heavier  []candidate
	doubtful map[*deployment.Host][]configtext.Unknown
	passes   map[socket][]pass
	peers    map[*nginx.Upstream]*peers
	squids   map[*squid.Config]*around
}

// pass is a location of an nginx that passes to a group, the first that does.
type pass struct {
	loc *nginx.Location
	up  *nginx.Upstream
}

// peers is what a group of nginx has under any fault.
type peers struct {
	usable, users, weight int // servers that are not down; those of them that are no backup, with their weight
	on                    map[string][]int
	dependencies          []*nginx.Peer // users whose nodes run an engine
}

// around are the peers of a Squid, as positions in its configuration.
type around struct {
	parents, begin int              // parents, and those that requests begin with
	begins         map[int]bool     // which those are
	on             map[string][]int // by the name of the node
	dependencies   []int            // of those that begin, whose nodes run an engine
}

// socket is a port of a host.
type socket struct {
	host *deployment.Host
	port int
}

// front is a listener with the sections behind it.
type front struct {
	backends []*haproxy.Proxy
	hitBy    map[string][]int // backends with a server on a node, by its name
	always   []int            // those whose servers use others, or are looked at one by one
}

// group is what a backend has under any fault.
type group struct {
	slow         bool // a check may refuse a server that is well: it is worked out for each fault
	users        int  // servers that serve while all are well
	all          []server
	usersOn, on  map[string][]int // positions in all of those that serve, and of all, by the name of the node
	dependencies []server         // those of the users whose nodes run an engine: what it uses may be hit
}

// checking is a server with its section.
type checking struct {
	proxy  *haproxy.Proxy
	server *haproxy.Server
}

func (p *predictor) index() {
	p.idx = index{entries: map[string][]int{}, routers: map[netip.Addr]keepalived.Router{}, fronts: map[socket][]*front{}, groups: map[*haproxy.Proxy]*group{},
		durable: map[configtext.Pos][]duration{}, standard: map[string][]duration{}, inters: map[configtext.Pos][]*haproxy.Server{},
		checks: map[*deployment.Host][]checking{}, doubtful: map[*deployment.Host][]configtext.Unknown{},
		passes: map[socket][]pass{}, peers: map[*nginx.Upstream]*peers{}, squids: map[*squid.Config]*around{}}
	for _, r := range p.routers {
		for _, m := range r.Members {
			for _, a := range slices.Concat(m.Instance.Addresses, m.Instance.Excluded) {
				if _, known := p.idx.routers[a.Value.Addr()]; !known {
					p.idx.routers[a.Value.Addr()] = r
				}
			}
		}
	}
}

// settings indexes what knobs change.
func (p *predictor) settings() {
	for _, d := range durations(p.System) {
		if d.At.Line > 0 {
			p.idx.durable[d.At] = append(p.idx.durable[d.At], d)
			continue
		}
		words := fmt.Sprintf("%s %s (default)", d.name, yamlfile.Span(d.Value))
		p.idx.standard[words] = append(p.idx.standard[words], d)
	}
	p.servers(func(proxy *haproxy.Proxy, s *haproxy.Server) {
		p.idx.inters[s.Inter.At] = append(p.idx.inters[s.Inter.At], s)
		if h, ok := p.Find(s.Host); ok {
			p.idx.checks[h] = append(p.idx.checks[h], checking{proxy, s})
		}
	})
	p.idx.heavier = p.heavier()
}

// fronts gives the listeners of an HAProxy at a port.
func (p *predictor) fronts(h *deployment.Host, port int) []*front {
	all, known := p.idx.fronts[socket{h, port}]
	if known {
		return all
	}
	for _, l := range h.HAProxy.Proxies {
		if !listens(l, port) {
			continue
		}
		f := &front{backends: behind(h.HAProxy, l), hitBy: map[string][]int{}}
		for i, b := range f.backends {
			g := p.group(b)
			if g.slow || len(g.dependencies) > 0 {
				f.always = append(f.always, i)
			}
			for node := range g.on {
				f.hitBy[node] = append(f.hitBy[node], i)
			}
		}
		all = append(all, f)
	}
	p.idx.fronts[socket{h, port}] = all
	return all
}

// met are the backends that a fault may concern, in their order.
func (f *front) met(fault Fault) []int {
	all := slices.Clone(f.always)
	for _, t := range fault.Targets {
		all = append(all, f.hitBy[t.Node]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// group gives what a backend has under any fault.
func (p *predictor) group(b *haproxy.Proxy) *group {
	if g := p.idx.groups[b]; g != nil {
		return g
	}
	g := &group{usersOn: map[string][]int{}, on: map[string][]int{}}
	p.idx.groups[b] = g
	serving, backups := b.Active()
	if g.users = len(serving); g.users == 0 {
		g.users = len(backups)
	}
	if algorithm(b) == "first" {
		g.users = min(g.users, 1)
	}
	for i, s := range slices.Concat(serving, backups) {
		host, known := p.Find(s.Host)
		asked, _ := p.Find(s.CheckAddr.Value)
		g.slow = g.slow || asked != nil && asked.Nginx != nil
		g.all = append(g.all, server{Server: s, host: host})
		if !known {
			continue
		}
		g.on[host.Name] = append(g.on[host.Name], i)
		if i < g.users {
			g.usersOn[host.Name] = append(g.usersOn[host.Name], i)
			if len(host.Runs) > 0 {
				g.dependencies = append(g.dependencies, g.all[i])
			}
		}
	}
	return g
}

// hitOf gives the servers that the fault hits, of those on each node.
func (st *state) hitOf(g *group, on map[string][]int) (hit []server) {
	for _, i := range st.fault.struckOf(on) {
		s := g.all[i]
		if s.mode, s.down = st.at(s.host, s.Port); s.down {
			hit = append(hit, s)
		}
	}
	return hit
}

// mayChange are the lines of a host that are not modelled and may change an answer.
func (p *predictor) mayChange(h *deployment.Host) []configtext.Unknown {
	all, known := p.idx.doubtful[h]
	if !known {
		all = slices.DeleteFunc(h.Unknown(), func(u configtext.Unknown) bool { return !u.MayChange })
		p.idx.doubtful[h] = all
	}
	return all
}

// passes gives the groups to which an nginx passes what comes in at a port, each once.
func (p *predictor) passes(h *deployment.Host, port int) []pass {
	all, known := p.idx.passes[socket{h, port}]
	if known {
		return all
	}
	seen := map[*nginx.Upstream]bool{}
	for _, s := range h.Nginx.Servers {
		if !slices.ContainsFunc(s.Listens, func(l nginx.Listen) bool { return l.Low <= port && port <= max(l.Low, l.High) && !l.UDP }) {
			continue
		}
		for _, loc := range s.Locations {
			if up := h.Nginx.Upstream(s, loc); up != nil && !seen[up] {
				seen[up] = true
				all = append(all, pass{loc, up})
			}
		}
	}
	p.idx.passes[socket{h, port}] = all
	return all
}

// peersOf gives what a group of nginx has under any fault.
func (p *predictor) peersOf(up *nginx.Upstream) *peers {
	if g := p.idx.peers[up]; g != nil {
		return g
	}
	g := &peers{on: map[string][]int{}}
	p.idx.peers[up] = g
	for i, one := range up.Peers {
		if one.Down.Value {
			continue
		}
		g.usable++
		h, known := p.Find(one.Host)
		if known {
			g.on[h.Name] = append(g.on[h.Name], i)
		}
		if one.Backup.Value {
			continue
		}
		g.users++
		g.weight += one.Weight.Value
		if known && len(h.Runs) > 0 {
			g.dependencies = append(g.dependencies, one)
		}
	}
	return g
}

// around gives the peers of a Squid.
func (p *predictor) around(c *squid.Config) *around {
	if a := p.idx.squids[c]; a != nil {
		return a
	}
	a := &around{begins: map[int]bool{}, on: map[string][]int{}}
	p.idx.squids[c] = a
	shares := c.Shares()
	for i := range c.Peers {
		one := &c.Peers[i]
		h, known := p.Find(one.Host.Value)
		if known {
			a.on[h.Name] = append(a.on[h.Name], i)
		}
		if one.Kind != "parent" {
			continue
		}
		a.parents++
		if share, ok := shares(one); share > 0 || !ok {
			a.begins[i] = true
			a.begin++
			if known && len(h.Runs) > 0 {
				a.dependencies = append(a.dependencies, i)
			}
		}
	}
	return a
}

// struckOf gives those of the positions on the targets of a fault, in order.
func (f Fault) struckOf(on map[string][]int) []int {
	var at []int
	for _, t := range f.Targets {
		at = append(at, on[t.Node]...)
	}
	slices.Sort(at)
	return slices.Compact(at)
}
