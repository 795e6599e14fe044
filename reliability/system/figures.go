package system

import (
	"cmp"
	"slices"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/topology"
)

// Unavailability is the share of time for which a function of the events is true, 0 to 1. It is exact.
func (s *System) Unavailability(f bdd.Ref) float64 {
	return s.Diagrams.Probability(f, s.probabilities(func(Event) bool { return true }))
}

// probabilities gives those of the events that may happen.
func (s *System) probabilities(may func(Event) bool) []float64 {
	p := make([]float64, len(s.Events))
	for i, e := range s.Events {
		if may(e) {
			p[i] = e.Unavailability
		}
	}
	return p
}

// UserUnavailability is the share of the users' time for which they are not served: the mean over the groups, weighted by their users.
func (s *System) UserUnavailability() (u float64) {
	for _, g := range s.Groups {
		u += s.Unavailability(g.Down) * s.weight(g)
	}
	return u
}

// weight is the group's share of all users.
func (s *System) weight(of Group) float64 {
	users := 0
	for _, g := range s.Groups {
		users += g.Users
	}
	return float64(of.Users) / float64(users)
}

// Frequency is how often a function becomes true, per hour: the sum over the events of their frequency times Birnbaum's importance (Vesely
// 1970). It is exact where no failure restores service, else a lower bound.
func (s *System) Frequency(f bdd.Ref) (sum float64) {
	_, birnbaum := s.Diagrams.Birnbaum(f, s.probabilities(func(Event) bool { return true }))
	for i, e := range s.Events {
		sum += e.Frequency * birnbaum[i]
	}
	return sum
}

// Assumptions lists the values of the table that the system uses, with their sources.
func (s *System) Assumptions() []component.Assumption {
	used := map[string]bool{}
	for _, e := range s.Events {
		used[e.Kind], used[e.Name] = true, true
	}
	return slices.DeleteFunc(s.Table.Assumptions(), func(a component.Assumption) bool { return !used[a.Of] })
}

// Cost adds up what the parts of the design cost, once and for a year. Common causes and mechanisms cost nothing by themselves.
func (s *System) Cost() (buy, run float64) {
	counted := map[string]bool{}
	for _, e := range s.Events {
		name := e.Kind + " " + e.Of.String() + e.Name
		if e.Common || e.Demand || counted[name] {
			continue
		}
		counted[name] = true
		buy, run = buy+e.Row.Buy.Value, run+e.Row.Run.Value
	}
	return buy, run
}

// Singles gives the single points of failure of the design with what they cost, the highest first. The cost is that of the component alone:
// all others work. A node costs also by its parts: PSUs, fans, system, and planned work.
func (s *System) Singles() []topology.SinglePoint {
	points := s.Topology.SinglePoints()
	for i, p := range points {
		alone := s.probabilities(func(e Event) bool { return e.Of == p.Component })
		points[i].Cost = &topology.Cost{}
		for _, g := range s.Groups {
			share := s.weight(g) * (1 - s.served(g.Name, p.Component))
			points[i].Cost.Share += share
			points[i].Cost.Hours += share * dist.Year * s.Diagrams.Probability(g.Down, alone)
		}
	}
	slices.SortStableFunc(points, func(a, b topology.SinglePoint) int { return cmp.Compare(b.Cost.Hours, a.Cost.Hours) })
	return points
}

// served is the share of a group's requests that is served after the loss of a component.
func (s *System) served(group string, lost topology.Component) (share float64) {
	for _, carried := range s.Topology.Flows(group, lost) {
		share += carried
	}
	return min(share, 1)
}

// Switch is what a mechanism has to do after an event in the path of a group.
type Switch struct {
	Group   string
	Event   Event
	PerYear float64 // how often the event happens and the group is served afterwards
	Hours   float64 // of outage a year until it is served again
}

// Switches gives the outages of the failovers themselves. length gives the mean outage of a group's users, in hours, when the design
// switches after the loss of a component: of measured failovers, or a prediction. Only the path of the healthy design counts: a loss on a
// path that serves because of another loss is rare.
func (s *System) Switches(length func(group string, lost topology.Component) float64) (all []Switch) {
	for _, g := range s.Groups {
		path := s.Topology.Carriers(g.Name)
		for i, e := range s.Events {
			if e.Frequency == 0 || !slices.Contains(path, e.Of) {
				continue
			}
			p := s.probabilities(func(Event) bool { return true })
			p[i] = 1
			n := e.Frequency * dist.Year * (1 - s.Diagrams.Probability(g.Down, p))
			all = append(all, Switch{g.Name, e, n, n * length(g.Name, e.Of)})
		}
	}
	return all
}
