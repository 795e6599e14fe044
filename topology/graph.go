package topology

import (
	"cmp"
	"slices"
)

// Component is a part of the service that can fail: a node, a service, a WAN link, and where the design has power, a feed
// or the mains before all feeds. An address is none: what fails is the node that holds it. Origins and users are outside
// the service.
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

// Mains names all feeds together.
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

// SinglePoint is a component whose loss alone cuts users off, for as long as it lasts.
type SinglePoint struct {
	Component
	Groups []string `json:"groups"` // the user groups that are hit
	// Detour says that there is another way, but nothing switches to it: no mechanism of the design sees this loss, or
	// acts on it.
	Detour bool `json:"detour"`
}

// SinglePoints gives the components whose loss alone cuts any group from the origins, wholly or for a share of its
// requests, once every mechanism of the design has done its part: a VRRP address has moved to the member of highest
// priority after its track check, and each balancer has left out the servers that its check sees down. Lost means gone,
// as by a crash or a power loss.
//
// A check sees whether a service answers, not what lies behind it, unless its kind is origin: then two forward proxies
// with a link each are redundancy for the links. A balancer without a server keeps its address, and so does a node with a dead service if the
// address has no track check: such points have a Detour. A feed or the mains that are lost stay so: UPSs are empty, and
// generators carry what they can. Answers of the DNS have outlived their TTL. Every link reaches every origin, and origins themselves are outside the service.
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

// loss is a design with components gone, and the nodes dark that they leave without power.
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

// possible is the structure function: whether any path is left for the group.
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
	if g.Pool != nil { // who cannot reach an exit takes another
		return l.possible(g)
	}
	if g.DNS != nil { // users take the answer's addresses in turn
		answer, ok := l.answer(g)
		return ok && !slices.ContainsFunc(answer, func(node string) bool { _, all := l.served(node, g.Proxy.Port); return !all })
	}
	node := g.Proxy.Host
	if g.PAC != nil {
		for _, h := range g.PAC.Hops { // a browser takes the first that it can connect to
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

// answer lists the records that the first DNS server left answers with: all that pass its check, or else all. false: there
// is no server left, and what users know of the name has outlived its TTL.
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
		healthy := slices.DeleteFunc(slices.Clone(s.DNS.Records), func(node string) bool {
			_, _, ok := l.listening(node, s.DNS.Port)
			some, _ := l.served(node, s.DNS.Port)
			return !ok || s.DNS.Check.Kind == CheckOrigin && !some
		})
		if len(healthy) == 0 {
			healthy = s.DNS.Records
		}
		return healthy, true
	}
	return nil, false
}

// served reports whether some, and whether all, of the requests that enter a node at a port reach the origins. A
// balancer spreads them over the servers that answer its check.
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

// inService lists the servers that a balancer uses: all that pass its check, or else the first such backup; of nginx all such
// backups.
func (l loss) inService(b Balance) []string {
	passes := func(server string) bool {
		return l.answers(server) && (b.Check.Kind != CheckOrigin || l.reaches(server))
	}
	var servers []string
	for _, server := range b.Servers {
		if passes(server) {
			servers = append(servers, server)
		}
	}
	if len(servers) > 0 {
		return servers
	}
	for _, server := range b.Backup {
		if passes(server) {
			servers = append(servers, server)
			if b.Passive == nil {
				break
			}
		}
	}
	return servers
}

// listening finds the service at a port of a node, if neither is gone.
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

// answers reports whether a balancer's check passes: the server's forward proxy is there.
func (l loss) answers(server string) bool {
	n, _ := l.t.Node(server)
	s, ok := n.ForwardProxy()
	return ok && l.up(n.Name, s.Name)
}

// reaches reports whether a node's link to the origins is there, or that of a parent.
func (l loss) reaches(node string) bool {
	n, _ := l.t.Node(node)
	if p := n.Parents(); p != nil {
		return slices.ContainsFunc(p.Nodes, func(parent string) bool { return l.answers(parent) && l.reaches(parent) })
	}
	return !l.cut(n.WAN)
}

// passes reports whether a member's track check passes: the service is there and, where the check goes through it to the
// origin, so is some of what lies behind.
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

// holder is the member that holds an address after the loss. A node that is gone is silent and cannot hold it. A failed
// track check with weight 0 puts the member out of the election; with a negative weight it only lowers the priority,
// which moves the address if another member's is higher then and may preempt.
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
