package faulttree

import (
	"math"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
)

// Importance is what an event has to do with the failure of the system. U is the unavailability of the system, q that of the event. A ratio
// whose divisor is 0 is 0, unless it says otherwise.
//
// Sources: Rausand and Høyland, System Reliability Theory, 2nd ed. (2004), chapter 5; van der Borst and Schoonakker, An overview of PSA
// importance measures, Reliability Engineering & System Safety 72 (2001).
type Importance struct {
	Event          string
	Unavailability float64 // q
	// Birnbaum is the derivative of U by q: U if the event has happened, less U if it has not. Negative: its failure helps the system.
	Birnbaum float64
	// Criticality is Birnbaum x q / U: the part of U that is gone if the event never happens. In a coherent tree it is the probability that
	// the event is critical and has happened, given that the system is down.
	Criticality float64
	// FussellVesely is the probability that at least one minimal cut set with the event has failed as a whole, given that the system is
	// down (Rausand and Høyland, definition 5.7). Not a number where the tree is not coherent: it has no minimal cut sets.
	FussellVesely float64
	// Diagnosis is the probability that the event has happened, given that the system is down. SCRAM calls this one Fussell-Vesely (DIF in
	// its reports). It is never less than FussellVesely: events may have happened that have nothing to do with the outage.
	Diagnosis float64
	RAW       float64 // risk achievement worth: U if the event has happened / U
	RRW       float64 // risk reduction worth: U / U if the event has not happened; +Inf if the event is needed
	// Differential is the part of the event in the change of U, if all unavailabilities change by the same percentage; DifferentialUniform
	// is that if all change by the same amount. Those of several events add up.
	//
	// Source: Borgonovo and Apostolakis, A new importance measure for risk-informed decision making, Reliability Engineering & System
	// Safety 72 (2001): DIM under the hypotheses H2 and H1.
	Differential, DifferentialUniform float64
	// Failures is the part of the event in Frequency, per hour: how often the system fails in the moment in which the event happens (or, in a
	// tree that is not coherent, ends).
	Failures float64
}

// Importances gives the importance of each event of Events. It fails with the code too-many-nodes if the minimal cut sets are too many for
// FussellVesely.
func (a *Analysis) Importances() ([]Importance, error) {
	all := make([]Importance, len(a.Events))
	rest, err := a.rest()
	if err != nil {
		return nil, err
	}
	var uniform, relative float64
	for i, e := range a.Events {
		all[i] = a.importance(e, a.place[i], rest[i])
		uniform += all[i].Birnbaum
		relative += all[i].Birnbaum * e.Unavailability
	}
	for i := range all {
		all[i].DifferentialUniform = ratio(all[i].Birnbaum, uniform)
		all[i].Differential = ratio(all[i].Birnbaum*all[i].Unavailability, relative)
	}
	return all, nil
}

// importance gives what needs no other event. rest is the probability that a minimal cut set with the event has failed, given that the event
// has happened.
func (a *Analysis) importance(e Event, at effect, rest float64) Importance {
	u, q := a.Unavailability, e.Unavailability
	i := Importance{Event: e.Name, Unavailability: q, Birnbaum: at.rise - at.fall, FussellVesely: ratio(q*rest, u)}
	i.Measure(u, at.ifTrue, at.ifFalse)
	i.Failures = e.Frequency * (at.rise + at.fall)
	return i
}

// Measure computes Criticality, Diagnosis, RAW and RRW of an event whose Unavailability and Birnbaum are known, by the formulas that the
// fields state. whole is U; ifTrue is U if the event has happened for certain, ifFalse if it cannot happen.
func (i *Importance) Measure(whole, ifTrue, ifFalse float64) {
	q := i.Unavailability
	i.Criticality, i.Diagnosis = ratio(q*i.Birnbaum, whole), ratio(q*ifTrue, whole)
	i.RAW, i.RRW = ratio(ifTrue, whole), ratio(whole, ifFalse)
	if whole > 0 && ifFalse <= 0 {
		i.RRW = math.Inf(1)
	}
}

// rest gives by vertex the probability that a minimal cut set with it has failed, given that the vertex is true. It multiplies along the
// modules: the minimal cut sets with an event are those of its module with it, put into those of the tree with the module.
func (a *Analysis) rest() ([]float64, error) {
	rest := make([]float64, len(a.place))
	if !a.Coherent {
		for i := range rest {
			rest[i] = math.NaN()
		}
		return rest, nil
	}
	rest[a.d.top] = 1
	known := map[bdd.Ref]*bdd.Evaluator{} // modules that are alike have the same function
	for i := len(a.d.modules) - 1; i >= 0; i-- {
		m := a.d.modules[i]
		if known[m.f] == nil {
			known[m.f] = a.d.d.CutSets(m.f).Including(len(m.variables))
		}
		for v, p := range known[m.f].Probabilities(a.probabilities(m)) {
			rest[m.variables[v]] = p * rest[m.at]
		}
	}
	return rest, a.d.d.Err()
}
