package promise

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
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
		checks: map[*deployment.Host][]checking{}, doubtful: map[*deployment.Host][]configtext.Unknown{}}
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
	var at []int
	for _, t := range st.fault.Targets {
		at = append(at, on[t.Node]...)
	}
	slices.Sort(at)
	for _, i := range slices.Compact(at) {
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
