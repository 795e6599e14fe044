// Package faulttree has fault trees: how the failures of components make a system fail. From a tree it computes exactly how much of the
// time the system is down, how often it fails, what each component has to do with it, and which sets of failures suffice. Begin at Tree and
// Analyse. It knows nothing of topologies or files; it uses the diagrams of package bdd.
//
// All events are independent of each other; what is not belongs into an event of its own, or into a Group.
package faulttree

// Tree is a fault tree. Events, houses and gates share one space of names.
type Tree struct {
	Name   string
	Top    string // the gate or event that is the failure of the system
	Events []Event
	Houses []House
	Gates  []Gate
	Groups []Group
}

// Event is a basic event: the failure of a component.
type Event struct {
	Name, Label    string
	Unavailability float64  // the probability that the component is down, 0 to 1
	Frequency      float64  // its failures per hour, whatever its state: (1 - Unavailability) x failure rate. 0: it is not known
	Shares         []string // what it has in common with others: a feed, a zone, a software version
}

// House is a constant that an analyst may turn over.
type House struct {
	Name  string
	State bool
}

// Kind is how the inputs of a gate make it fail.
type Kind int

// The kinds of gates.
const (
	Or      Kind = iota // at least one input fails
	And                 // all inputs fail
	AtLeast             // at least K inputs fail
	Not                 // its input does not fail
	Xor                 // exactly one of its two inputs fails
	Pass                // its input fails
)

var kinds = [...]string{"or", "and", "atleast", "not", "xor", "pass"}

// String gives the name of a kind.
func (k Kind) String() string { return kinds[k] }

// Gate fails by its inputs.
type Gate struct {
	Name, Label string
	Kind        Kind
	K           int // of AtLeast
	Inputs      []string
}

// Model is how a group fails together.
type Model int

// The models of common causes.
const (
	BetaFactor Model = iota // a component fails alone, or with all others
	MGL                     // multiple Greek letters: it fails alone, with one other, with two others, ...
)

// Group is components that may fail of one cause. They have the same unavailability and frequency. It expands into independent events, one
// for each set of members that fail together, named [a b]; each member becomes an Or gate of the events that contain it. With m members, an
// event of k members has the part
//
//	1/C(m-1, k-1) x f2 x ... x fk x (1 - f(k+1))
//
// of a member's unavailability and frequency, where f(k) is the factor of level k, the probability that a failure of at least k-1 members
// is one of at least k; it is 0 after the last. BetaFactor has one factor beta: the parts are 1 - beta alone and beta for all.
//
// Source: Mosleh et al., Procedures for Treating Common Cause Failures in Safety and Reliability Studies, NUREG/CR-4780 (1988), appendix C.
type Group struct {
	Name    string
	Model   Model
	Members []string  // events, at most MostMembers
	Factors []float64 // BetaFactor: beta; MGL: of level 2 (beta), 3 (gamma), 4 (delta), ... up to the number of members
}

// MostMembers bounds a group: one with m members makes up to 2^m - 1 events.
const MostMembers = 12
