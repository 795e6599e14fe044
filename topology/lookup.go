package topology

import "slices"

// Node finds a node by its name.
func (t *Topology) Node(name string) (Node, bool) {
	return find(t.Nodes, func(n Node) bool { return n.Name == name })
}

// Address finds an address by its name.
func (t *Topology) Address(name string) (Address, bool) {
	return find(t.Addresses, func(a Address) bool { return a.Name == name })
}

// Link finds a WAN link by its name.
func (t *Topology) Link(name string) (Link, bool) {
	return find(t.WAN, func(l Link) bool { return l.Name == name })
}

// Group finds a user group by its name.
func (t *Topology) Group(name string) (Group, bool) {
	return find(t.Users, func(g Group) bool { return g.Name == name })
}

// Service finds a service of the node by its name.
func (n Node) Service(name string) (Service, bool) {
	return find(n.Services, func(s Service) bool { return s.Name == name })
}

// Serving finds the service of the node that listens at a port.
func (n Node) Serving(port int) (Service, bool) {
	return find(n.Services, func(s Service) bool { return s.Port == port })
}

// ForwardProxy gives the node's first forward proxy.
func (n Node) ForwardProxy() (Service, bool) {
	return find(n.Services, Service.Forwards)
}

// Balancer gives the node's first balancer.
func (n Node) Balancer() (Service, bool) { return find(n.Services, Service.Balances) }

// Responder gives the node's first DNS responder.
func (n Node) Responder() (Service, bool) { return find(n.Services, Service.Responds) }

// EntryAddress gives the address at which a group enters; false if it enters at a node, or if there is no such group.
func (t *Topology) EntryAddress(group string) (Address, bool) {
	g, ok := t.Group(group)
	if !ok {
		return Address{}, false
	}
	return t.Address(g.Proxy.Host)
}

// Holders gives the nodes at which a group may enter: the members of its address by falling priority, the exits of its pool, the
// records of its name, the proxies of its PAC file, or its one node. The first one serves while all is well. nil if there is no
// such group.
func (t *Topology) Holders(group string) []string {
	if a, ok := t.EntryAddress(group); ok {
		return a.nodes()
	}
	if g, ok := t.Group(group); ok {
		switch {
		case g.PAC != nil:
			return g.PAC.nodes()
		case g.Pool != nil:
			return g.Pool.Exits
		case g.DNS != nil:
			return t.records(g)
		}
		return []string{g.Proxy.Host}
	}
	return nil
}

// Balancers gives the names of the nodes with a balancer, in the order of the file.
func (t *Topology) Balancers() []string {
	return t.nodesWith(func(n Node) bool { _, ok := n.Balancer(); return ok })
}

// Proxies gives the names of the nodes with a forward proxy, in the order of the file.
func (t *Topology) Proxies() []string {
	return t.nodesWith(func(n Node) bool { _, ok := n.ForwardProxy(); return ok })
}

// Responders gives the names of the nodes with a DNS responder, in the order of the file.
func (t *Topology) Responders() []string {
	return t.nodesWith(func(n Node) bool { _, ok := n.Responder(); return ok })
}

// ResponderOf gives the responder of a group's first DNS server; false if the group uses no DNS.
func (t *Topology) ResponderOf(g Group) (Responder, bool) {
	if g.DNS == nil || len(g.DNS.Servers) == 0 {
		return Responder{}, false
	}
	n, _ := t.Node(g.DNS.Servers[0])
	s, ok := n.Responder()
	if !ok {
		return Responder{}, false
	}
	return *s.DNS, true
}

func (t *Topology) records(g Group) []string {
	r, _ := t.ResponderOf(g)
	return r.Records
}

func (t *Topology) nodesWith(is func(Node) bool) []string {
	var names []string
	for _, n := range t.Nodes {
		if is(n) {
			names = append(names, n.Name)
		}
	}
	return names
}

// filter gives the elements of a list for which is is true.
func filter[T any](list []T, is func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(one T) bool { return !is(one) })
}

func find[T any](list []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, is); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}
