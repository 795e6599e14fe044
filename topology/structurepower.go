package topology

import (
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
)

// maxSupplies bounds the feeds and generators of a design with a formula: one for each subset of them that is lost.
const maxSupplies = 12

// CheckFormula refuses a design whose structure has no formula of reasonable size: with a generator that may be overloaded, the load
// of each combination of lost feeds and generators is worked out, so these are at most 12.
func (t *Topology) CheckFormula() error {
	if t.Power == nil || !t.Power.limited() {
		return nil
	}
	if n := len(t.Power.Feeds) + len(t.Power.Generators); n > maxSupplies {
		return reason.Errorf("too-many-feeds", "%s has %d feeds and generators; with a generator that can be overloaded, every combination of them is worked out, and the most is %d", t.Name, n, maxSupplies)
	}
	return nil
}

// limited reports whether a generator may be overloaded.
func (p *Power) limited() bool {
	return slices.ContainsFunc(p.Generators, func(g Generator) bool { return g.Capacity < 1 })
}

// nodeLost is true while a node is lost itself, has too few PSUs with power, or stands in a zone without cooling.
func (s *Structure[B]) nodeLost(node string) B {
	if lost, ok := s.lost[node]; ok {
		return lost
	}
	n, _ := s.t.Node(node)
	hw := n.Hardware()
	powered := each(hw.PSUs, func(p PSU) B {
		return s.And(s.working(Component{Kind: KindPSU, Name: p.Name, Node: node}), s.supplied(node, p.Feed))
	})
	lost := s.Or(s.Lost(Component{Kind: KindNode, Name: node}), s.Not(s.AtLeast(hw.Needed, powered...)))
	if hw.Zone != "" {
		lost = s.Or(lost, s.Lost(Component{Kind: KindZone, Name: hw.Zone}))
	}
	s.lost[node] = lost
	return lost
}

// supplied is true while a feed gives a node power. The loss of a feed or the mains is permanent: UPSs are empty, and generators carry
// load up to their capacity. Package policy has the same model with its times. The load is that of nodes with all their PSUs.
func (s *Structure[B]) supplied(node, feed string) B {
	if s.t.Power == nil || feed == "" {
		return s.constant(true)
	}
	f, _ := s.t.Power.Feed(feed)
	whole := s.working(Component{Kind: KindDistribution, Name: feed})
	if f.Generator == "" {
		return s.And(whole, s.Not(s.dead(feed)))
	}
	return s.And(whole, s.If(s.dead(feed), func() B {
		return s.And(s.working(Component{Kind: KindTransfer, Name: feed}), s.carries(node, f.Generator))
	}, func() B { return s.constant(true) }))
}

// dead is true while a feed has no mains.
func (s *Structure[B]) dead(feed string) B {
	return s.Or(s.Lost(Component{Kind: KindFeed, Name: feed}), s.Lost(Component{Kind: KindMains, Name: Mains}))
}

// carries is true while a generator carries a node.
func (s *Structure[B]) carries(node, generator string) B {
	if !s.t.Power.limited() {
		return s.working(Component{Kind: KindGenerator, Name: generator})
	}
	return s.expand(0, 0, func(o *Overload) bool { return !o.Tripped(generator) && !o.Shed(node, generator) })
}

// expand is true where is is true of the overload. It goes over the subsets of lost feeds and generators: bit i of lost is the i-th of
// them, those from next on are open.
func (s *Structure[B]) expand(next int, lost uint, is func(*Overload) bool) B {
	feeds, generators := s.t.Power.Feeds, s.t.Power.Generators
	var gone B
	switch i := next - len(feeds); {
	case i < 0:
		gone = s.dead(feeds[next].Name)
	case i < len(generators):
		gone = s.Lost(Component{Kind: KindGenerator, Name: generators[i].Name})
	default:
		return s.constant(is(s.overload(lost)))
	}
	return s.If(gone, func() B { return s.expand(next+1, lost|1<<next, is) }, func() B { return s.expand(next+1, lost, is) })
}

// overload works out what the generators shed after the loss of a subset of feeds and generators.
func (s *Structure[B]) overload(lost uint) *Overload {
	if o := s.overloads[lost]; o != nil {
		return o
	}
	o := &Overload{shed: map[[2]string]bool{}, tripped: map[string]bool{}}
	s.overloads[lost] = o
	dead := map[string]bool{}
	for i, f := range s.t.Power.Feeds {
		dead[f.Name] = lost>>i&1 == 1
	}
	for i, g := range s.t.Power.Generators {
		o.tripped[g.Name] = lost>>(i+len(s.t.Power.Feeds))&1 == 1
	}
	s.t.Shed(o, func(n Node, p PSU) (string, bool) {
		f, ok := s.t.Power.Feed(p.Feed)
		if !ok || !dead[p.Feed] {
			return "", true
		}
		return f.Generator, f.Generator != "" && !o.Tripped(f.Generator) && !o.Shed(n.Name, f.Generator)
	})
	return o
}
