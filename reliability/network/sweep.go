package network

import "github.com/seed-ab8b6914/spof/reliability/bdd"

// The places of the constants among the states of a layer.
const (
	cut       = -1 // a terminal can no longer be connected
	connected = -2 // all terminals are
)

// arcs are what follows from a state if the link has failed, and if it works: places in the next layer, or constants.
type arcs struct{ failed, works int32 }

// terminalBit marks a component that has a terminal.
const terminalBit = 0x80

// sweep goes over the links. A state is a byte for each node of the frontier: the number of its component, with terminalBit.
type sweep struct {
	ends     [][2]int // of the links, in order
	terminal []bool   // by node
	first    []int    // by node, the link with which it comes to the frontier
	last     []int    // by node, the link with which it leaves
	entered  int      // terminals that came so far
	total    int      // terminals

	done     int      // links
	frontier []int    // nodes
	states   [][]byte // of the present layer
	layers   [][]arcs
	work     []byte
}

func newSweep(n Network, order, terminals []int) *sweep {
	s := &sweep{terminal: make([]bool, n.Nodes), first: make([]int, n.Nodes), last: make([]int, n.Nodes), total: len(terminals), states: [][]byte{{}}}
	for _, v := range terminals {
		s.terminal[v] = true
	}
	for v := range n.Nodes {
		s.first[v] = -1
	}
	for i, link := range order {
		l := n.Links[link]
		s.ends = append(s.ends, l)
		for _, v := range l {
			if s.first[v] < 0 {
				s.first[v] = i
			}
			s.last[v] = i
		}
	}
	return s
}

// step goes over the next link.
func (s *sweep) step() {
	ends := s.ends[s.done]
	for _, v := range ends {
		if s.first[v] == s.done {
			s.enter(v)
		}
	}
	var places [2]int
	keep := make([]int, 0, len(s.frontier)) // places that stay at the frontier
	for i, v := range s.frontier {
		switch v {
		case ends[0]:
			places[0] = i
		case ends[1]:
			places[1] = i
		}
		if s.last[v] > s.done {
			keep = append(keep, i)
		}
	}
	s.layer(places, keep)
	for i, at := range keep {
		s.frontier[i] = s.frontier[at]
	}
	s.frontier = s.frontier[:len(keep)]
	s.done++
}

// enter adds a node to the frontier, as a component of its own. Its number is any that no other has.
func (s *sweep) enter(v int) {
	own := byte(len(s.frontier))
	if s.terminal[v] {
		own |= terminalBit
		s.entered++
	}
	for i, state := range s.states {
		s.states[i] = append(state, own)
	}
	s.frontier = append(s.frontier, v)
}

// layer makes the next states.
func (s *sweep) layer(ends [2]int, keep []int) {
	known := make(map[string]int32, len(s.states))
	layer := make([]arcs, len(s.states))
	var next [][]byte
	place := func(state []byte) int32 {
		after, constant := s.after(state, keep)
		if constant != 0 {
			return constant
		}
		at, met := known[string(after)]
		if !met {
			at = int32(len(next))
			next = append(next, append(make([]byte, 0, len(after)+2), after...))
			known[string(after)] = at
		}
		return at
	}
	for i, state := range s.states {
		layer[i].failed = place(state)
		merge(state, state[ends[0]], state[ends[1]])
		layer[i].works = place(state)
	}
	s.states, s.layers = next, append(s.layers, layer)
}

// merge makes one component of two.
func merge(state []byte, a, b byte) {
	for i, c := range state {
		if c == a || c == b {
			state[i] = a | b&terminalBit
		}
	}
}

// after gives the state without the nodes that leave, its components numbered in the order of their first nodes; or what is decided.
func (s *sweep) after(state []byte, keep []int) (after []byte, constant int32) {
	var number [256]byte // by component, its new number + 1
	after = s.work[:0]
	open, components := 0, byte(0) // open: components with a terminal
	for _, i := range keep {
		c := state[i]
		if number[c] == 0 {
			components++
			number[c] = components
			open += int(c / terminalBit)
		}
		after = append(after, number[c]-1|c&terminalBit)
	}
	s.work = after
	before := open
	for _, c := range state {
		if number[c] == 0 {
			number[c] = 1
			before += int(c / terminalBit)
		}
	}
	switch {
	case before == 1 && s.entered == s.total:
		return nil, connected
	case open < before, s.done == len(s.ends)-1:
		return nil, cut
	}
	return after, 0
}

// diagram makes the function of the links from the layers, from the last to the first.
func (s *sweep) diagram(d *bdd.Diagrams) bdd.Ref {
	var below []bdd.Ref
	for i := len(s.layers) - 1; i >= 0; i-- {
		refs := make([]bdd.Ref, len(s.layers[i]))
		for k, a := range s.layers[i] {
			refs[k] = d.Choose(i, ref(below, a.works), ref(below, a.failed))
		}
		below = refs
	}
	if below == nil {
		return bdd.False // no links
	}
	return below[0]
}

func ref(below []bdd.Ref, at int32) bdd.Ref {
	switch at {
	case cut:
		return bdd.False
	case connected:
		return bdd.True
	}
	return below[at]
}
