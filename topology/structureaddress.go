package topology

// holds gives for each member of an address whether it holds it after the loss: the one of the highest priority among those in the
// election. While the failover is stuck, it is the first member or none.
func (s *Structure[B]) holds(a Address) []B {
	runs := each(a.Members, func(m Member) []candidacy[B] { return s.candidacies(a, m) })
	stuck, in := s.stuck("", a.Name), make([]B, len(runs))
	for i, mine := range runs {
		ways := each(mine, func(c candidacy[B]) B { return s.And(c.runs, s.Not(s.Or(beating(runs, i, c.priority)...))) })
		in[i] = s.And(s.Or(ways...), s.Not(stuck))
	}
	in[0] = s.Or(in[0], s.And(stuck, s.alive(a, a.Members[0].Node)))
	return in
}

// candidacy is the condition under which a member is in the election with a priority.
type candidacy[B any] struct {
	runs     B
	priority int
}

// candidacies gives the priorities of a member. A lost node has none. A failed track check with weight 0 takes the member out of the
// election. With a negative weight it lowers the priority, and with preemption the address moves to a member with a higher one.
func (s *Structure[B]) candidacies(a Address, m Member) []candidacy[B] {
	alive := s.alive(a, m.Node)
	switch {
	case a.Track == nil, a.Track.Weight != 0 && !a.Preempt:
		return []candidacy[B]{{alive, m.Priority}}
	case a.Track.Weight == 0:
		return []candidacy[B]{{s.And(alive, s.tracked(m.Node, *a.Track)), m.Priority}}
	}
	ok := s.tracked(m.Node, *a.Track)
	return []candidacy[B]{{s.And(alive, ok), m.Priority}, {s.And(alive, s.Not(ok)), max(1, m.Priority+a.Track.Weight)}}
}

// alive is true while a member takes part in VRRP.
func (s *Structure[B]) alive(a Address, node string) B {
	return s.Not(s.Or(s.nodeLost(node), s.Lost(Component{Kind: KindVRRP, Name: a.Name, Node: node})))
}

// beating gives the conditions under which another member than i is preferred to it with a priority. Of equals it is the one that is
// listed first.
func beating[B any](runs [][]candidacy[B], i, priority int) (won []B) {
	for j, other := range runs {
		for _, c := range other {
			if j != i && (c.priority > priority || c.priority == priority && j < i) {
				won = append(won, c.runs)
			}
		}
	}
	return won
}

// tracked is true while a member's track check passes: the service is up and, with a check of kind origin, some of its requests reach
// the origins.
func (s *Structure[B]) tracked(node string, track Track) B {
	up := s.up(node, track.Service)
	if track.Kind != CheckOrigin {
		return up
	}
	n, _ := s.t.Node(node)
	service, _ := n.Service(track.Service)
	some, _ := s.served(node, service.Port)
	return s.And(up, some)
}
