package topology

import "slices"

// Logic is a Boolean algebra. A Structure computes in one: in truth values after the loss of some components, or in formulas, which
// hold for every loss.
type Logic[B any] interface {
	// Lost is true while the component is lost. The components are those of Topology.Components and the parts of the other kinds.
	// For a component that the caller divides into parts it may be a whole formula.
	Lost(Component) B
	And(...B) B // of none: true
	Or(...B) B  // of none: false
	Not(B) B
	AtLeast(k int, of ...B) B
	// If is then() while the condition is true, otherwise() while it is false. Truth values need only one of the two.
	If(condition B, then, otherwise func() B) B
}

// Structure is the structure function of a design: which users are served after which losses. It is defined here alone, for truth
// values and for formulas. SinglePoints says what it assumes of the mechanisms.
type Structure[B any] struct {
	Logic[B]
	t         *Topology
	lost      map[string]B // nodes
	passed    map[asked]B
	overloads map[uint]*Overload
}

// asked is a question to the forward proxy of a node, see passes.
type asked struct {
	node    string
	through bool
}

// NewStructure gives the structure of a design in a logic. CheckFormula says whether formulas are possible.
func NewStructure[B any](t *Topology, logic Logic[B]) *Structure[B] {
	return &Structure[B]{Logic: logic, t: t, lost: map[string]B{}, passed: map[asked]B{}, overloads: map[uint]*Overload{}}
}

// constant gives a truth value in the logic.
func (s *Structure[B]) constant(is bool) B {
	if is {
		return s.And()
	}
	return s.Or()
}

// any is true if f is true of one of the names.
func (s *Structure[B]) any(names []string, f func(string) B) B { return s.Or(each(names, f)...) }

// working is the opposite of Lost.
func (s *Structure[B]) working(c Component) B { return s.Not(s.Lost(c)) }

// stuck is true while a mechanism of a node's service, or without a node of an address or a group, does not switch.
func (s *Structure[B]) stuck(node, name string) B {
	return s.Lost(Component{Kind: KindFailover, Name: name, Node: node})
}

// Possible is true while the group has a path left to the origins.
func (s *Structure[B]) Possible(g Group) B {
	path := s.any(s.t.Holders(g.Name), func(node string) B {
		n, service, ok := s.listening(node, g.Proxy.Port)
		if !service.Balances() {
			return s.And(ok, s.reaches(n))
		}
		return s.And(ok, s.any(service.Balance.All(), s.passes(true)))
	})
	if g.DNS == nil {
		return path
	}
	return s.And(path, s.any(g.DNS.Servers, s.responds))
}

// Settled is true while all requests of the group are served after the mechanisms have acted.
func (s *Structure[B]) Settled(g Group) B {
	all := func(node string) B { _, all := s.served(node, g.Proxy.Port); return all }
	switch a, moves := s.t.Address(g.Proxy.Host); {
	case g.PAC != nil:
		return s.browses(g, 0)
	case g.Pool != nil: // a user who cannot reach an exit takes another one
		return s.If(s.stuck("", g.Name), func() B { return s.And(each(g.Pool.Exits, all)...) }, func() B { return s.Possible(g) })
	case g.DNS != nil: // users take the answer's addresses in turn
		in, ok := s.answered(g)
		return s.And(ok, s.allOf(s.t.records(g), in, all))
	case moves:
		return s.anyOf(a.nodes(), s.holds(a), all)
	}
	return all(g.Proxy.Host)
}

// anyOf is true if f is true of one of the names in use; in has a condition for each name.
func (s *Structure[B]) anyOf(names []string, in []B, f func(string) B) B {
	ways, never := make([]B, len(names)), func() B { return s.constant(false) }
	for i, name := range names {
		ways[i] = s.If(in[i], func() B { return f(name) }, never)
	}
	return s.Or(ways...)
}

// allOf is true if f is true of all names in use.
func (s *Structure[B]) allOf(names []string, in []B, f func(string) B) B {
	return s.Not(s.anyOf(names, in, func(name string) B { return s.Not(f(name)) }))
}

// browses is true if a browser is served that has given up the hops of its PAC file before i. It takes the first hop that accepts a
// connection.
func (s *Structure[B]) browses(g Group, i int) B {
	if i == len(g.PAC.Hops) {
		return s.constant(false)
	}
	h := g.PAC.Hops[i]
	if h.Host == "" {
		return s.And(s.constant(g.PAC.Direct != ""), s.uncut(g.PAC.Direct))
	}
	_, _, ok := s.listening(h.Host, h.Port)
	if i == 0 {
		ok = s.Or(ok, s.stuck("", g.Name))
	}
	return s.If(ok, func() B { _, all := s.served(h.Host, h.Port); return all }, func() B { return s.browses(g, i+1) })
}

// responds is true while the DNS server of a node is up.
func (s *Structure[B]) responds(node string) B {
	n, _ := s.t.Node(node)
	service, ok := n.Responder()
	return s.And(s.constant(ok), s.up(node, service.Name))
}

// answered gives for each record of the group's name whether it is in the answer that users get, and whether they get one: that of the
// first DNS server that is left. An answer has the records that pass the server's check, or all if none does.
func (s *Structure[B]) answered(g Group) (in []B, ok B) {
	in, ok = each(s.t.records(g), func(string) B { return s.constant(false) }), s.constant(false)
	for i, server := range g.DNS.Servers {
		first := s.And(s.Not(ok), s.responds(server))
		if i > 0 {
			first = s.And(first, s.Not(s.stuck("", g.Name)))
		}
		for i, has := range s.answer(server) {
			in[i] = s.Or(in[i], s.And(first, has))
		}
		ok = s.Or(ok, first)
	}
	return in, ok
}

// answer gives for each record of a DNS server whether its answer has it.
func (s *Structure[B]) answer(server string) []B {
	n, _ := s.t.Node(server)
	service, _ := n.Responder()
	dns := *service.DNS
	passes := each(dns.Records, func(node string) B {
		_, _, ok := s.listening(node, dns.Port)
		if dns.Check.Kind != CheckOrigin {
			return ok
		}
		some, _ := s.served(node, dns.Port)
		return s.And(ok, some)
	})
	everything := s.Or(s.Not(s.Or(passes...)), s.stuck(server, service.Name))
	return each(passes, func(ok B) B { return s.Or(ok, everything) })
}

// served is true for some, and for all, of the requests that enter at a port of a node if they reach the origins. A balancer spreads
// them over the servers that it uses.
func (s *Structure[B]) served(node string, port int) (some, all B) {
	n, service, ok := s.listening(node, port)
	if !service.Balances() {
		all = s.And(ok, s.reaches(n))
		return all, all
	}
	servers, in := service.Balance.All(), s.inService(node, service)
	some = s.And(ok, s.anyOf(servers, in, s.passes(true)))
	return some, s.And(some, s.allOf(servers, in, s.passes(true)))
}

// inService gives for each server of a balancer, backups included, whether it is used. Those that pass the check are, else the first
// backup that does; nginx uses all such backups.
func (s *Structure[B]) inService(node string, service Service) []B {
	b, stuck := *service.Balance, s.stuck(node, service.Name)
	pass := each(b.All(), s.passes(b.Check.Kind == CheckOrigin))
	in := each(pass[:len(b.Servers)], func(ok B) B { return s.Or(ok, stuck) })
	taken := s.Or(in...)
	for _, ok := range pass[len(b.Servers):] {
		use := s.And(ok, s.Not(taken))
		in = append(in, use)
		if b.Passive == nil {
			taken = s.Or(taken, use)
		}
	}
	return in
}

// passes is true while the forward proxy of a node answers; through: also while it reaches the origins.
func (s *Structure[B]) passes(through bool) func(node string) B {
	return func(node string) B {
		known, ok := s.passed[asked{node, through}]
		if !ok {
			n, _ := s.t.Node(node)
			if known = s.answers(n); through {
				known = s.And(known, s.reaches(n))
			}
			s.passed[asked{node, through}] = known
		}
		return known
	}
}

// listening finds the service at a port of a node. It is true while both are up.
func (s *Structure[B]) listening(node string, port int) (Node, Service, B) {
	n, _ := s.t.Node(node)
	service, ok := n.Serving(port)
	if !ok {
		return n, service, s.constant(false)
	}
	return n, service, s.up(node, service.Name)
}

// up is true while a service and its node are.
func (s *Structure[B]) up(node, service string) B {
	return s.And(s.Not(s.nodeLost(node)), s.working(Component{Kind: KindService, Name: service, Node: node}))
}

// answers is true while the forward proxy of a node is up.
func (s *Structure[B]) answers(n Node) B {
	service, ok := n.ForwardProxy()
	return s.And(s.constant(ok), s.up(n.Name, service.Name))
}

// reaches is true while the WAN link of a node, or of one of its parents, is up.
func (s *Structure[B]) reaches(n Node) B {
	p := n.Parents()
	if p == nil {
		return s.uncut(n.WAN)
	}
	ways := each(p.Nodes, s.passes(true))
	service, _ := n.ForwardProxy()
	return s.Or(ways[0], s.And(s.Or(ways[1:]...), s.Not(s.stuck(n.Name, service.Name))))
}

// uncut is true while a WAN link is up; so is no link.
func (s *Structure[B]) uncut(link string) B {
	if link == "" {
		return s.constant(true)
	}
	return s.working(Component{Kind: KindWAN, Name: link})
}

// each gives f of every element.
func each[A, B any](list []A, f func(A) B) []B {
	all := make([]B, len(list))
	for i, one := range list {
		all[i] = f(one)
	}
	return all
}

// chosen gives the names in use.
func chosen(names []string, in []bool) []string {
	i := -1
	return slices.DeleteFunc(slices.Clone(names), func(string) bool { i++; return !in[i] })
}
