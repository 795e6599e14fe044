// Package network computes exactly how likely the nodes of a network are connected, if its links fail independently of each other. Begin at
// Network.Connected. Nodes do not fail. It uses the diagrams of package bdd.
//
// It goes over the links in one order and keeps, for each way in which they may have failed so far, only what matters for the links to come:
// which nodes at the frontier are connected with each other, and with a terminal. Its cost grows with the number of these states, that is with
// the width of the network, not with its length.
//
// Source: Hardy, Lucet and Limnios, K-terminal network reliability measures with binary decision diagrams, IEEE Transactions on Reliability
// 56 (2007).
package network

import (
	"errors"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/bdd"
)

// Network is nodes, numbered from 0, and the links between them.
type Network struct {
	Nodes int
	Links [][2]int
}

// MostStates bounds the states of a network, and so time and memory: it takes some seconds and 300 MiB.
const MostStates = 1 << 20

// mostWide bounds the nodes of the frontier by what a byte can number. A network this wide has more states in any case.
const mostWide = 100

// Connection is whether some nodes are connected, as a function of the links.
type Connection struct {
	States int // how many were kept

	diagrams *bdd.Diagrams
	f        bdd.Ref
	order    []int // by variable, the link
}

// Connected makes the function that all terminals are connected with each other; without terminals: all nodes. It fails with all problems
// of the network, or with the code network-too-wide if it has more than MostStates states.
func (n Network) Connected(terminals ...int) (*Connection, error) {
	if len(terminals) == 0 {
		for v := range n.Nodes {
			terminals = append(terminals, v)
		}
	}
	if err := n.check(terminals); err != nil {
		return nil, err
	}
	links, states := n.order(), 0
	s := newSweep(n, links, terminals)
	for s.done < len(links) {
		s.step()
		states += len(s.layers[s.done-1])
		if states > MostStates || len(s.frontier) > mostWide {
			return nil, reason.Errorf("network-too-wide", "the network of %d nodes and %d links has more than %d states after %d links: it is too wide to be computed exactly", n.Nodes, len(links), MostStates, s.done)
		}
	}
	c := &Connection{States: states, diagrams: bdd.New(), order: links}
	c.f = s.diagram(c.diagrams)
	return c, c.diagrams.Err()
}

// check gives the problems of a network.
func (n Network) check(terminals []int) error {
	var errs []error
	for i, l := range n.Links {
		switch {
		case min(l[0], l[1]) < 0 || max(l[0], l[1]) >= n.Nodes:
			errs = append(errs, reason.Errorf("unknown-node", "link %d joins nodes %d and %d; want 0 to %d", i, l[0], l[1], n.Nodes-1))
		case l[0] == l[1]:
			errs = append(errs, reason.Errorf("link-to-itself", "link %d joins node %d to itself", i, l[0]))
		}
	}
	met := map[int]bool{}
	for _, v := range terminals {
		switch {
		case v < 0 || v >= n.Nodes:
			errs = append(errs, reason.Errorf("unknown-node", "terminal %d; want 0 to %d", v, n.Nodes-1))
		case met[v]:
			errs = append(errs, reason.Errorf("terminal-twice", "terminal %d is there twice", v))
		}
		met[v] = true
	}
	if len(terminals) < 2 {
		errs = append(errs, reason.Errorf("too-few-terminals", "%d terminals; want at least 2", len(terminals)))
	}
	return errors.Join(errs...)
}

// Probability is the probability that the terminals are connected, if link i works with the probability p[i], and by link its derivative
// (Birnbaum's measure).
func (c *Connection) Probability(p []float64) (whole float64, by []float64) {
	q, by := make([]float64, len(p)), make([]float64, len(p))
	for v, link := range c.order {
		q[v] = p[link]
	}
	whole, derivative := c.diagrams.Birnbaum(c.f, q)
	for v, link := range c.order {
		by[link] = derivative[v]
	}
	return whole, by
}

// Nodes is the number of nodes of the diagram.
func (c *Connection) Nodes() int { return c.diagrams.Size(c.f) }
