package faulttree

import "github.com/seed-ab8b6914/spof/reliability/bdd"

// HoursPerYear is the length of a year without leap days.
const HoursPerYear = 8760

// Analysis is what a tree says. Its figures are exact but for the rounding of floating-point numbers: nothing is left out and no small
// product neglected.
type Analysis struct {
	Unavailability float64 // the probability that the system is down
	// Frequency is how often the system fails, per hour: the sum over the events of their frequency times the probability that the system
	// fails by them (of a coherent tree: Birnbaum's measure). A tree that is not coherent also fails by repairs; these are counted, and it
	// is taken that a component is repaired as often as it fails, as it is in the long run.
	//
	// Sources: Vesely, A time-dependent methodology for fault tree evaluation, Nuclear Engineering and Design 13 (1970); Beeson and Andrews,
	// Importance measures for non-coherent-system analysis, IEEE Transactions on Reliability 52 (2003).
	Frequency float64
	Coherent  bool    // no failure repairs the system
	Events    []Event // the events of the tree, its groups expanded

	d     *diagrams
	place []effect // by vertex; the events come first

	counted   [][]float64 // the last result of orders, up to countedTo
	countedTo int
}

// effect is what a vertex means for the top.
type effect struct {
	p               float64 // the probability of the vertex
	ifFalse, ifTrue float64 // the probability of the top if the vertex is false, and if it is true
	rise            float64 // the probability that the top is true if the vertex is, and false if it is not
	fall            float64 // the opposite
}

// Analyse computes a tree. It fails with all problems of the tree (Check), or with the code too-many-nodes if the tree is too entangled.
func Analyse(t Tree) (*Analysis, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	t = t.Expanded()
	d, err := newDiagrams(&t)
	if err != nil {
		return nil, err
	}
	a := &Analysis{Events: t.Events, Coherent: true, d: d, place: make([]effect, len(d.vertices))}
	a.compute()
	return a, d.d.Err()
}

// compute goes over the modules from the events to the top, and back.
func (a *Analysis) compute() {
	for i, e := range a.Events {
		a.place[i].p = e.Unavailability
	}
	given := make([]bdd.Given, len(a.d.modules))
	for i, m := range a.d.modules {
		given[i] = a.d.d.Given(m.f, a.probabilities(m), m.coherent)
		a.place[m.at].p = given[i].Whole
		a.Coherent = a.Coherent && m.coherent
	}
	a.Unavailability = a.place[a.d.top].p
	for i := range a.place { // of what the top does not depend on
		a.place[i].ifFalse, a.place[i].ifTrue = a.Unavailability, a.Unavailability
	}
	a.place[a.d.top] = effect{p: a.Unavailability, ifTrue: 1, rise: 1}
	for i := len(given) - 1; i >= 0; i-- {
		a.below(a.d.modules[i], given[i])
	}
	for i, e := range a.Events {
		a.Frequency += e.Frequency * (a.place[i].rise + a.place[i].fall)
	}
}

// probabilities gives those of the variables of a module.
func (a *Analysis) probabilities(m module) []float64 {
	p := make([]float64, len(m.variables))
	for v, at := range m.variables {
		p[v] = a.place[at].p
	}
	return p
}

// below computes what the variables of a module mean for the top, from what the module means for it. Only the top may be a module that is
// not coherent; so Fall times fall is nothing.
func (a *Analysis) below(m module, g bdd.Given) {
	of := a.place[m.at]
	for v, at := range m.variables {
		e := &a.place[at]
		e.ifFalse = g.False[v]*of.ifTrue + (1-g.False[v])*of.ifFalse
		e.ifTrue = g.True[v]*of.ifTrue + (1-g.True[v])*of.ifFalse
		e.rise = g.Rise[v] * of.rise
		e.fall = g.Rise[v]*of.fall + g.Fall[v]*of.rise
	}
}

// MeanOutage is how long an outage of the system takes on average, in hours: Unavailability / Frequency. It is 0 if no event has a
// frequency.
func (a *Analysis) MeanOutage() float64 { return ratio(a.Unavailability, a.Frequency) }

// FailuresPerYear is how often the system fails in a year of 8760 hours.
func (a *Analysis) FailuresPerYear() float64 { return a.Frequency * HoursPerYear }

// ratio is x/y, and 0 where there is nothing to divide by.
func ratio(x, y float64) float64 {
	if y == 0 {
		return 0
	}
	return x / y
}
