// Package faulttreetest has a large fault tree for benchmarks. Begin at Zones. Only tests use it.
package faulttreetest

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/reliability/faulttree"
)

// Zones is the tree of a service in n zones, with 100 components a zone: two power feeds, and seven pairs of nodes. A node has two supplies, one
// on each feed, two network cards, and three parts that it needs. A zone fails if both nodes of a pair do; the service if a zone does.
func Zones(n int) faulttree.Tree {
	b := builder{faulttree.Tree{Name: "zones", Top: "top"}}
	var zones []string
	for z := range n {
		zones = append(zones, b.zone(fmt.Sprintf("z%d", z)))
	}
	b.gate("top", faulttree.Or, zones...)
	return b.t
}

type builder struct{ t faulttree.Tree }

func (b *builder) gate(name string, kind faulttree.Kind, inputs ...string) string {
	b.t.Gates = append(b.t.Gates, faulttree.Gate{Name: name, Kind: kind, Inputs: inputs})
	return name
}

// event adds a component. Each has an unavailability of its own.
func (b *builder) event(name string) string {
	q := 1e-4 * float64(1+len(b.t.Events)%17)
	b.t.Events = append(b.t.Events, faulttree.Event{Name: name, Unavailability: q, Frequency: q / 8})
	return name
}

func (b *builder) zone(name string) string {
	feeds := [2]string{b.event(name + "-feed-a"), b.event(name + "-feed-b")}
	var pairs []string
	for p := range 7 {
		pair := fmt.Sprintf("%s-p%d", name, p)
		pairs = append(pairs, b.gate(pair, faulttree.And, b.node(pair+"-n1", feeds), b.node(pair+"-n2", feeds)))
	}
	return b.gate(name, faulttree.Or, pairs...)
}

func (b *builder) node(name string, feeds [2]string) string {
	var supplies []string
	for i, feed := range feeds {
		s := fmt.Sprintf("%s-s%d", name, i)
		supplies = append(supplies, b.gate(s, faulttree.Or, feed, b.event(s+"-psu")))
	}
	return b.gate(name, faulttree.Or,
		b.gate(name+"-power", faulttree.And, supplies...),
		b.gate(name+"-network", faulttree.And, b.event(name+"-nic-a"), b.event(name+"-nic-b")),
		b.event(name+"-board"), b.event(name+"-disk"), b.event(name+"-service"))
}
