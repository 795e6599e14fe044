// Package system joins a design and a table of components: which events can cut which users off, how often, and for how long. Begin at
// New. docs/components.md says what is modelled, and why. It computes exact long-run figures; for times of day, crews and spare parts it makes a model of lifetimes (Lifetimes).
package system

import (
	"errors"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/faulttree"
	"github.com/seed-ab8b6914/spof/topology"
)

// Event is one cause of an outage: a part that fails, a cause that several parts have in common, or a mechanism that does not work when
// it is needed. Events are independent of each other.
type Event struct {
	Name           string             // of the part, as a user's table names it: service proxy-a/squid; of a common cause: common proxy squid
	Kind           string             // in the table
	Of             topology.Component // the component of the design that it takes away; empty for what stands outside the design
	Row            component.Row
	Common, Demand bool
	After          float64  // of an outage that is an event once it has lasted for longer: hours; else 0
	Unavailability float64  // share of the time; of a demand its probability
	Frequency      float64  // per hour; of a demand 0
	Shares         []string // parents, such as feed feed-a or software squid
}

// Group is a group of users.
type Group struct {
	Name  string
	Users int
	Down  bdd.Ref // true while some or all requests of the group are not served
}

// System is a design with its events. Event i is variable i of the diagrams. It is for one goroutine.
type System struct {
	Topology *topology.Topology
	Table    component.Table
	Diagrams *bdd.Diagrams
	Events   []Event
	Groups   []Group
	AnyDown  bdd.Ref // true while a group is down

	variable map[string]int // by name of the event
	alike    map[string][]string
	err      error
}

// New makes the system of a design. It fails with too-many-feeds (topology.CheckFormula), with too-many-nodes if the design is too entangled,
// with unknown-component if the table has values of a component that the design does not have, and with group-size if it has gamma or delta
// of a kind of which there are too many parts.
func New(t *topology.Topology, table component.Table) (*System, error) {
	if err := t.CheckFormula(); err != nil {
		return nil, err
	}
	s := &System{Topology: t, Table: table, Diagrams: bdd.New(), variable: map[string]int{}, alike: Alike(t)}
	s.arrange()
	structure := topology.NewStructure(t, logic{s.Diagrams, s})
	for _, g := range t.Users {
		down := s.Diagrams.Or(s.Diagrams.Not(structure.Settled(g)), s.outside())
		s.Groups = append(s.Groups, Group{g.Name, g.Count, down})
		s.AnyDown = s.Diagrams.Or(s.AnyDown, down)
	}
	return s, errors.Join(table.CheckNames(s.names()), s.Diagrams.Err(), s.err)
}

// arrange gives the variables their order: what many nodes share first, then each WAN link with its nodes. So the diagram of a balancer
// does not have to remember the state of every link while it goes over the servers.
func (s *System) arrange() {
	l := logic{s.Diagrams, s}
	if p := s.Topology.Power; p != nil {
		for _, f := range p.Feeds {
			l.Lost(topology.Component{Kind: topology.KindFeed, Name: f.Name})
			l.Lost(topology.Component{Kind: topology.KindDistribution, Name: f.Name})
		}
	}
	for _, w := range s.Topology.WAN {
		l.Lost(topology.Component{Kind: topology.KindWAN, Name: w.Name})
		for _, n := range s.Topology.Nodes {
			if n.WAN == w.Name {
				s.arrangeNode(l, n)
			}
		}
	}
}

func (s *System) arrangeNode(l logic, n topology.Node) {
	l.Lost(topology.Component{Kind: topology.KindNode, Name: n.Name})
	for _, p := range n.Hardware().PSUs {
		l.Lost(topology.Component{Kind: topology.KindPSU, Name: p.Name, Node: n.Name})
	}
	for _, service := range n.Services {
		l.Lost(topology.Component{Kind: topology.KindService, Name: service.Name, Node: n.Name})
	}
}

// outside is true during events that cut everyone off, whatever the design.
func (s *System) outside() bdd.Ref {
	return s.Diagrams.Or(s.fails("site", "site", topology.Component{}, ""), s.fails("change", "change", topology.Component{}, ""),
		s.fails("people", "people", topology.Component{}, ""))
}

func (s *System) names() []string {
	names := make([]string, len(s.Events))
	for i, e := range s.Events {
		names[i] = e.Name
	}
	return names
}

// add gives the variable of an event, and makes the event at the first time. An event that cannot happen is False.
func (s *System) add(e Event) bdd.Ref {
	v, ok := s.variable[e.Name]
	if !ok {
		v = len(s.Events)
		s.variable[e.Name] = v
		s.Events = append(s.Events, e)
	}
	return s.Diagrams.Var(v)
}

// fails is true while a part is down: by itself, or by a cause that it has in common with parts of its kind and version, of which there is
// one for each set of them that fails together (see component.Row.Letters and faulttree.Group).
func (s *System) fails(kind, name string, of topology.Component, version string) bdd.Ref {
	e := s.event(kind, name, of, version)
	parts := s.alike[kind+" "+version]
	if len(parts) < 2 || e.Row.Beta.Value == 0 {
		return s.add(e)
	}
	g := faulttree.Group{Model: faulttree.MGL, Members: parts, Factors: e.Row.Letters(len(parts))}
	if len(parts) > faulttree.MostMembers && (e.Row.Gamma.Known() || e.Row.Delta.Known()) {
		s.err = reason.Errorf("group-size", "%d parts %s %s: with gamma or delta want at most %d of a kind; leave both out", len(parts), kind, version, faulttree.MostMembers)
		return bdd.False
	}
	own := e
	own.scale(g.Part(1))
	down := s.add(own)
	for _, set := range g.With(name) {
		down = s.Diagrams.Or(down, s.add(e.common(version, set, g)))
	}
	return down
}

// common is the event that a set of parts fails together. It bears the names of the parts unless it strikes all.
func (e Event) common(version string, set []string, g faulttree.Group) Event {
	c := Event{Name: "common " + e.Kind + " " + version, Kind: e.Kind, Row: e.Row, Common: true, Unavailability: e.Unavailability, Frequency: e.Frequency}
	c.scale(g.Part(len(set)))
	if len(set) == len(g.Members) {
		return c
	}
	var short []string
	for _, name := range set {
		_, part, _ := strings.Cut(name, " ")
		short = append(short, part)
	}
	c.Name += ": " + strings.Join(short, " + ")
	return c
}

func (e *Event) scale(by float64) {
	e.Unavailability *= by
	e.Frequency *= by
}

func (s *System) event(kind, name string, of topology.Component, version string) Event {
	r := s.Table.Row(kind, name)
	return Event{Name: name, Kind: kind, Of: of, Row: r, Unavailability: r.Unavailability(), Frequency: r.Frequency(),
		Shares: s.parents(r, of, version)}
}

// refuses is true if a part or a mechanism does not work on the next demand.
func (s *System) refuses(kind, name string, of topology.Component) bdd.Ref {
	e := s.event(kind, name, of, "")
	if e.Row.Failure.Known() {
		e.Name += " on demand"
	}
	e.Demand, e.Unavailability, e.Frequency = true, e.Row.Refusal(), 0
	return s.add(e)
}
