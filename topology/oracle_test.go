package topology

import (
	"cmp"
	"slices"
)

// The oracle evaluates a design for one set of lost components, as the program did before Structure. The specs of Structure compare
// with it.

// Oracle is a design after the loss of components. The nodes in dark have no power.
type Oracle struct {
	t    *Topology
	gone []Component
	dark map[string]bool
}

// OracleOf gives the oracle of a design after the loss of components.
func OracleOf(t *Topology, gone ...Component) Oracle {
	l := Oracle{t: t, gone: gone}
	var feeds []string
	for _, c := range gone {
		switch c.Kind {
		case KindFeed:
			feeds = append(feeds, c.Name)
		case KindMains:
			feeds = namesOf(t.Power.Feeds)
		}
	}
	if len(feeds) > 0 {
		l.dark = darkened(t, feeds)
	}
	return l
}

// cut reports whether a WAN link is gone.
func (l Oracle) cut(link string) bool {
	return slices.Contains(l.gone, Component{Kind: KindWAN, Name: link})
}

// Possible is the structure function: it reports whether the group has a path left.
func (l Oracle) Possible(g Group) bool {
	if _, ok := l.answer(g); g.DNS != nil && !ok {
		return false
	}
	return slices.ContainsFunc(l.t.Holders(g.Name), func(node string) bool {
		n, s, ok := l.listening(node, g.Proxy.Port)
		if !ok || !s.Balances() {
			return ok && l.reaches(n.Name)
		}
		return slices.ContainsFunc(s.Balance.All(), func(server string) bool { return l.answers(server) && l.reaches(server) })
	})
}

// Settled reports whether all requests of the group are served after the mechanisms have acted.
func (l Oracle) Settled(g Group) bool {
	if g.Pool != nil { // a user who cannot reach an exit takes another one
		return l.Possible(g)
	}
	if g.DNS != nil { // users take the answer's addresses in turn
		answer, ok := l.answer(g)
		return ok && !slices.ContainsFunc(answer, func(node string) bool { _, all := l.served(node, g.Proxy.Port); return !all })
	}
	node := g.Proxy.Host
	if g.PAC != nil {
		for _, h := range g.PAC.Hops { // a browser takes the first hop that accepts a connection
			if h.Host == "" {
				return g.PAC.Direct != "" && !l.cut(g.PAC.Direct)
			}
			if _, _, ok := l.listening(h.Host, h.Port); ok {
				_, all := l.served(h.Host, h.Port)
				return all
			}
		}
		return false
	}
	if a, ok := l.t.Address(node); ok {
		if node, ok = l.holder(a); !ok {
			return false
		}
	}
	_, all := l.served(node, g.Proxy.Port)
	return all
}

// answer lists the records in the answer of the first DNS server that is left: those that pass its check, or all if none does.
// false: no server is left.
func (l Oracle) answer(g Group) ([]string, bool) {
	if g.DNS == nil {
		return nil, false
	}
	for _, server := range g.DNS.Servers {
		n, _ := l.t.Node(server)
		s, ok := n.Responder()
		if !ok || !l.up(server, s.Name) {
			continue
		}
		healthy := filter(s.DNS.Records, func(node string) bool {
			_, _, ok := l.listening(node, s.DNS.Port)
			some, _ := l.served(node, s.DNS.Port)
			return ok && (some || s.DNS.Check.Kind != CheckOrigin)
		})
		if len(healthy) == 0 {
			healthy = s.DNS.Records
		}
		return healthy, true
	}
	return nil, false
}

// served reports whether some, and whether all, of the requests that enter at a port of a node reach the origins. A balancer
// spreads them over the servers that pass its check.
func (l Oracle) served(node string, port int) (some, all bool) {
	n, s, ok := l.listening(node, port)
	if !ok {
		return false, false
	}
	if !s.Balances() {
		return l.reaches(n.Name), l.reaches(n.Name)
	}
	all = true
	for _, server := range l.inService(*s.Balance) {
		some = some || l.reaches(server)
		all = all && l.reaches(server)
	}
	return some, some && all
}

// inService lists the servers that a balancer uses: those that pass its check, else the first backup that does; nginx uses all such
// backups.
func (l Oracle) inService(b Balance) []string {
	passes := func(server string) bool {
		return l.answers(server) && (b.Check.Kind != CheckOrigin || l.reaches(server))
	}
	if servers := filter(b.Servers, passes); len(servers) > 0 {
		return servers
	}
	backups := filter(b.Backup, passes)
	if b.Passive == nil && len(backups) > 1 {
		return backups[:1]
	}
	return backups
}

// listening finds the service at a port of a node; false if either is lost.
func (l Oracle) listening(node string, port int) (Node, Service, bool) {
	n, _ := l.t.Node(node)
	s, ok := n.Serving(port)
	return n, s, ok && l.up(n.Name, s.Name)
}

func (l Oracle) up(node, service string) bool {
	return !l.lost(node) && !slices.Contains(l.gone, Component{Kind: KindService, Name: service, Node: node})
}

func (l Oracle) lost(node string) bool {
	return l.dark[node] || slices.Contains(l.gone, Component{Kind: KindNode, Name: node})
}

// answers reports whether the forward proxy of a server is up.
func (l Oracle) answers(server string) bool {
	n, _ := l.t.Node(server)
	s, ok := n.ForwardProxy()
	return ok && l.up(n.Name, s.Name)
}

// reaches reports whether the WAN link of a node, or of one of its parents, is up.
func (l Oracle) reaches(node string) bool {
	n, _ := l.t.Node(node)
	if p := n.Parents(); p != nil {
		return slices.ContainsFunc(p.Nodes, func(parent string) bool { return l.answers(parent) && l.reaches(parent) })
	}
	return !l.cut(n.WAN)
}

// passes reports whether a member's track check passes: the service is up and, with a check of kind origin, some of its requests
// reach the origins.
func (l Oracle) passes(node string, track Track) bool {
	if !l.up(node, track.Service) {
		return false
	}
	if track.Kind != CheckOrigin {
		return true
	}
	n, _ := l.t.Node(node)
	s, _ := n.Service(track.Service)
	some, _ := l.served(node, s.Port)
	return some
}

// holder gives the member that holds an address after the loss. A lost node holds none. A failed track check with weight 0 takes the
// member out of the election. With a negative weight it lowers the priority, and with preemption the address moves to a member
// with a higher one.
func (l Oracle) holder(a Address) (string, bool) {
	var fit []Member
	for _, m := range a.Members {
		failed := a.Track != nil && !l.passes(m.Node, *a.Track)
		switch {
		case l.lost(m.Node), failed && a.Track.Weight == 0:
			continue
		case failed && a.Preempt:
			m.Priority = max(1, m.Priority+a.Track.Weight)
		}
		fit = append(fit, m)
	}
	if len(fit) == 0 {
		return "", false
	}
	best := slices.MaxFunc(fit, func(a, b Member) int { return cmp.Compare(a.Priority, b.Priority) })
	return best.Node, true
}

// darkened finds the nodes without power after the permanent loss of feeds.
func darkened(t *Topology, gone []string) map[string]bool {
	dark := map[string]bool{}
	var o Overload
	source := func(n Node, p PSU) (string, bool) {
		if !slices.Contains(gone, p.Feed) {
			return "", true
		}
		f, _ := t.Power.Feed(p.Feed)
		return f.Generator, f.Generator != "" && !o.Tripped(f.Generator) && !o.Shed(n.Name, f.Generator)
	}
	t.Shed(&o, source)
	for _, n := range t.Nodes {
		if _, off := n.sources(source); off {
			dark[n.Name] = true
		}
	}
	return dark
}

// After gives the program's own evaluation after the loss of components.
func After(t *Topology, g Group, gone ...Component) (settled, possible bool) {
	s := lose(t, gone...)
	return s.Settled(g), s.Possible(g)
}
