package topology

import "slices"

// Carriers gives the components on the path of a group's requests while all is well, each once and in the order of the path: the
// node and the service where a request enters, the server behind a balancer, the parents of a Squid to any depth, the WAN link.
// Where the design leaves a choice, all alternatives count: each member that may hold an address without preemption, each server,
// exit and record. Backups, second parents and siblings do not count: they serve only after a failure. nil if there is no such
// group.
func (t *Topology) Carriers(group string) []Component {
	g, ok := t.Group(group)
	if !ok {
		return nil
	}
	c := carriers{Structure: lose(t)}
	for _, node := range c.entries(g) {
		if node == "" {
			c.add(Component{Kind: KindWAN, Name: g.PAC.Direct})
			continue
		}
		n, s, _ := c.listening(node, g.Proxy.Port)
		c.pass(n.Name, s.Name)
		if !s.Balances() {
			c.out(n)
			continue
		}
		for _, server := range chosen(s.Balance.All(), c.inService(node, s)) {
			c.forward(server)
		}
	}
	return c.all
}

// carriers collects the components of a healthy design.
type carriers struct {
	*Structure[bool]
	all []Component
}

// entries lists the nodes where a group's requests may enter; an empty name is DIRECT of a PAC file.
func (c *carriers) entries(g Group) []string {
	a, moves := c.t.EntryAddress(g.Name)
	switch {
	case moves && a.Preempt:
		return c.t.Holders(g.Name)[:1]
	case g.PAC != nil:
		return []string{g.PAC.Hops[0].Host}
	}
	return c.t.Holders(g.Name)
}

func (c *carriers) add(part Component) {
	if !slices.Contains(c.all, part) {
		c.all = append(c.all, part)
	}
}

func (c *carriers) pass(node, service string) {
	c.add(Component{Kind: KindNode, Name: node})
	c.add(Component{Kind: KindService, Name: service, Node: node})
}

// forward passes the forward proxy of a node, once: so a cycle of parents ends.
func (c *carriers) forward(node string) {
	n, _ := c.t.Node(node)
	s, ok := n.ForwardProxy()
	if !ok || slices.Contains(c.all, Component{Kind: KindService, Name: s.Name, Node: node}) {
		return
	}
	c.pass(node, s.Name)
	c.out(n)
}

// out passes the WAN link of a forward proxy's node, or its first parent.
func (c *carriers) out(n Node) {
	if p := n.Parents(); p != nil {
		c.forward(p.Nodes[0])
		return
	}
	c.add(Component{Kind: KindWAN, Name: n.WAN})
}

// Flows gives the share of a group's requests that each WAN link carries after the loss of components, when every mechanism of the
// design has reacted as described at SinglePoints. The sum is the share that is served. Balancers spread requests equally over
// their servers, and users of a pool or a name over its nodes. nil if there is no such group.
func (t *Topology) Flows(group string, gone ...Component) map[string]float64 {
	g, ok := t.Group(group)
	if !ok {
		return nil
	}
	f := flows{Structure: lose(t, gone...), by: map[string]float64{}}
	entries := f.entries(g)
	for _, e := range entries {
		f.enter(e, g, 1/float64(len(entries)))
	}
	return f.by
}

// flows adds up the shares of each link.
type flows struct {
	*Structure[bool]
	by map[string]float64
}

// entries lists where a group's requests enter after the loss; an empty Host is DIRECT of a PAC file.
func (f flows) entries(g Group) []Entry {
	nodes := []string{g.Proxy.Host}
	a, moves := f.t.EntryAddress(g.Name)
	switch {
	case g.PAC != nil:
		i := slices.IndexFunc(g.PAC.Hops, func(h Entry) bool {
			_, _, ok := f.listening(h.Host, h.Port)
			return ok || h.Host == ""
		})
		if i < 0 {
			return nil
		}
		return g.PAC.Hops[i : i+1]
	case g.Pool != nil:
		nodes = filter(g.Pool.Exits, func(node string) bool {
			_, _, ok := f.listening(node, g.Proxy.Port)
			return ok
		})
	case g.DNS != nil:
		in, _ := f.answered(g)
		nodes = chosen(f.t.records(g), in)
	case moves:
		nodes = chosen(a.nodes(), f.holds(a))
	}
	entries := make([]Entry, len(nodes))
	for i, node := range nodes {
		entries[i] = Entry{node, g.Proxy.Port}
	}
	return entries
}

func (f flows) enter(e Entry, g Group, share float64) {
	if e.Host == "" {
		f.carry(g.PAC.Direct, share)
		return
	}
	n, s, ok := f.listening(e.Host, e.Port)
	switch {
	case !ok:
	case s.Balances():
		servers := chosen(s.Balance.All(), f.inService(e.Host, s))
		for _, server := range servers {
			f.out(server, share/float64(len(servers)))
		}
	default:
		f.out(n.Name, share)
	}
}

// out adds a share to the WAN link of a node, or of the first parent that reaches the WAN.
func (f flows) out(node string, share float64) {
	n, _ := f.t.Node(node)
	p := n.Parents()
	if p == nil {
		f.carry(n.WAN, share)
		return
	}
	if i := slices.IndexFunc(p.Nodes, f.passes(true)); i >= 0 {
		f.out(p.Nodes[i], share)
	}
}

func (f flows) carry(link string, share float64) {
	if link != "" && f.uncut(link) {
		f.by[link] += share
	}
}
