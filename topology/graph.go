package topology

import (
	"cmp"
	"slices"
)

// Component is a part of the service that can fail: a node, a service, a WAN link, and in a design with power a feed or the mains
// of all feeds. An address is no component: the node that holds it fails. Origins and users are outside the service.
type Component struct {
	Kind string `json:"kind"` // node, service, wan, feed or mains
	Name string `json:"name"`
	Node string `json:"node,omitempty"` // of a service
}

// The kinds of component.
const (
	KindNode    = "node"
	KindService = "service"
	KindWAN     = "wan"
	KindFeed    = "feed"
	KindMains   = "mains"
)

// Mains is the name of the mains, which supply all feeds.
const Mains = "mains"

// String names the component: node proxy-a, service proxy-a/squid, wan isp, feed feed-a, mains.
func (c Component) String() string {
	switch c.Kind {
	case KindService:
		return c.Kind + " " + c.Node + "/" + c.Name
	case KindMains:
		return c.Kind
	}
	return c.Kind + " " + c.Name
}

// Components gives all components in the order of the file: each node before its services, then links, then feeds and the
// mains.
func (t *Topology) Components() []Component {
	var all []Component
	for _, n := range t.Nodes {
		all = append(all, Component{Kind: KindNode, Name: n.Name})
		for _, s := range n.Services {
			all = append(all, Component{Kind: KindService, Name: s.Name, Node: n.Name})
		}
	}
	for _, l := range t.WAN {
		all = append(all, Component{Kind: KindWAN, Name: l.Name})
	}
	if t.Power != nil {
		for _, f := range t.Power.Feeds {
			all = append(all, Component{Kind: KindFeed, Name: f.Name})
		}
		all = append(all, Component{Kind: KindMains, Name: Mains})
	}
	return all
}

// SinglePoint is a component whose loss alone cuts users off while the loss lasts.
type SinglePoint struct {
	Component
	Groups []string `json:"groups"` // the user groups that are hit
	// Detour: another path exists, but no mechanism of the design detects this loss, or reacts to it.
	Detour bool `json:"detour"`
}

// SinglePoints gives the components whose loss alone cuts a group off from the origins, for all or some of its requests, after
// every mechanism of the design has reacted: a VRRP address has moved to the member with the highest priority after its track
// check, and each balancer has left out the servers that fail its check. A lost component is gone, as after a crash or a power
// loss.
//
// A check of kind origin detects the loss of everything behind a service, so two forward proxies with a link each make the links
// redundant. Other checks detect only the loss of the service itself. An address stays on a balancer without servers, and without
// a track check on a node with a dead service: such points have a Detour. The loss of a feed or the mains is permanent: UPSs are
// empty, and generators carry load up to their capacity. The TTL of DNS answers has passed. Every link reaches every origin.
func (t *Topology) SinglePoints() []SinglePoint {
	var points []SinglePoint
	for _, c := range t.Components() {
		p := SinglePoint{Component: c, Detour: true}
		for _, g := range t.Users {
			if now := lose(t, c); !now.settled(g) {
				p.Groups = append(p.Groups, g.Name)
				p.Detour = p.Detour && now.possible(g)
			}
		}
		if len(p.Groups) > 0 {
			points = append(points, p)
		}
	}
	return points
}

// loss is a design after the loss of components. The nodes in dark have no power.
type loss struct {
	t    *Topology
	gone []Component
	dark map[string]bool
}

func lose(t *Topology, gone ...Component) loss {
	l := loss{t: t, gone: gone}
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
		l.dark = t.dark(feeds)
	}
	return l
}

// cut reports whether a WAN link is gone.
func (l loss) cut(link string) bool {
	return slices.Contains(l.gone, Component{Kind: KindWAN, Name: link})
}

// possible is the structure function: it reports whether the group has a path left.
func (l loss) possible(g Group) bool {
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

// settled reports whether all requests of the group are served after the mechanisms have acted.
func (l loss) settled(g Group) bool {
	if g.Pool != nil { // a user who cannot reach an exit takes another one
		return l.possible(g)
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
func (l loss) answer(g Group) ([]string, bool) {
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
func (l loss) served(node string, port int) (some, all bool) {
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
func (l loss) inService(b Balance) []string {
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
func (l loss) listening(node string, port int) (Node, Service, bool) {
	n, _ := l.t.Node(node)
	s, ok := n.Serving(port)
	return n, s, ok && l.up(n.Name, s.Name)
}

func (l loss) up(node, service string) bool {
	return !l.lost(node) && !slices.Contains(l.gone, Component{Kind: KindService, Name: service, Node: node})
}

func (l loss) lost(node string) bool {
	return l.dark[node] || slices.Contains(l.gone, Component{Kind: KindNode, Name: node})
}

// answers reports whether the forward proxy of a server is up.
func (l loss) answers(server string) bool {
	n, _ := l.t.Node(server)
	s, ok := n.ForwardProxy()
	return ok && l.up(n.Name, s.Name)
}

// reaches reports whether the WAN link of a node, or of one of its parents, is up.
func (l loss) reaches(node string) bool {
	n, _ := l.t.Node(node)
	if p := n.Parents(); p != nil {
		return slices.ContainsFunc(p.Nodes, func(parent string) bool { return l.answers(parent) && l.reaches(parent) })
	}
	return !l.cut(n.WAN)
}

// passes reports whether a member's track check passes: the service is up and, with a check of kind origin, some of its requests
// reach the origins.
func (l loss) passes(node string, track Track) bool {
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
func (l loss) holder(a Address) (string, bool) {
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
