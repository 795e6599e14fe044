package planner

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/seed-ab8b6914/spof/reliability/component"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
)

// study is a design that is worked out.
type study struct {
	*system.System
	plain    *system.System // without waits for crews and parts
	care     system.Care    // that it has
	name     string
	evidence Evidence
	failover *Failover       // of the evidence
	table    component.Table // without what was measured
	costs    Costs
	delays   map[string]float64 // by group: mean seconds of a failover of its entry
	switches []system.Switch
}

// newStudy works a design out. The coverage that was measured takes the place of the table's.
func newStudy(name string, e Evidence, table component.Table) (*study, error) {
	t, f, with := e.Topology, e.Failover, table
	if f.Coverage != nil {
		var err error
		if with, err = table.Override(f.File, f.coverage(t)); err != nil {
			return nil, err
		}
	}
	sys, err := system.New(t, with)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &study{System: sys, plain: sys, name: name, evidence: e, failover: f, table: table, delays: map[string]float64{}}
	s.costs.Buy, s.costs.Yearly = sys.Cost()
	if err := s.predictWaits(); err != nil {
		return nil, err
	}
	s.switches = sys.Switches(s.wait)
	return s, nil
}

// predictWaits takes the failover of the largest group as it is, and predicts those of the others.
func (s *study) predictWaits() (err error) {
	for _, g := range s.Topology.Users {
		f := s.failover
		if g.Name != largest(s.Topology).Name {
			if f, err = predicted(s.Topology, g); err != nil {
				return err
			}
		}
		s.delays[g.Name] = f.Mean
	}
	return nil
}

// coverage is a table of components with the share of failovers that worked.
func (f *Failover) coverage(t *topology.Topology) []byte {
	return fmt.Appendf(nil, "kinds: {%s: {coverage: {value: %.6f%%, certainty: measured, source: %q}}}", mechanism(t), 100**f.Coverage,
		fmt.Sprintf("%s: %s; the interval is %.3g %% to %.3g %%", f.File, f.Text, 100*f.CoverageCI[0], 100*f.CoverageCI[1]))
}

// mechanism is the kind of component that ends the outage of the failover scenario: that of the entry of the largest group.
func mechanism(t *topology.Topology) string {
	g := largest(t)
	_, moves := t.EntryAddress(g.Name)
	switch {
	case g.PAC != nil:
		return "pac-retry"
	case g.Pool != nil:
		return "pool-retry"
	case g.DNS != nil:
		return "dns-check"
	case moves:
		return "address-failover"
	}
	return "balancer-check"
}

// wait is the mean outage, in hours, of the users of a group while the design switches after a loss. One of several servers has its share
// of the requests. The failover of the group's entry stands for that of all mechanisms.
func (s *study) wait(group string, lost topology.Component) float64 {
	const perHour = 3600
	node := cmp.Or(lost.Node, lost.Name)
	for _, n := range s.Topology.Nodes {
		if b, ok := n.Balancer(); ok && slices.Contains(b.Balance.Servers, node) {
			return s.delays[group] / perHour / float64(len(b.Balance.Servers))
		}
	}
	return s.delays[group] / perHour
}

// weights gives by name the groups' shares of all users.
func (s *study) weights() map[string]float64 {
	all, weights := 0, map[string]float64{}
	for _, g := range s.Groups {
		all += g.Users
	}
	for _, g := range s.Groups {
		weights[g.Name] = float64(g.Users) / float64(all)
	}
	return weights
}

// scale says how many times as probable as by the best guess an event is.
type scale func(system.Event) float64

func bestGuess(system.Event) float64 { return 1 }

func (s *study) probabilities(by scale) []float64 {
	p := make([]float64, len(s.Events))
	for i, e := range s.Events {
		p[i] = min(1, e.Unavailability*by(e))
	}
	return p
}

// hours is the outage a year of a user on average: with components down, and while the design switches.
func (s *study) hours(by scale, switching float64) (down, switches float64) {
	p, weights := s.probabilities(by), s.weights()
	for _, g := range s.Groups {
		down += weights[g.Name] * s.Diagrams.Probability(g.Down, p) * dist.Year
	}
	for _, w := range s.switches {
		switches += weights[w.Group] * w.Hours * by(w.Event) * switching
	}
	return down, switches
}

// areas are the causes that a manager knows, by kind of component. Every other kind is a mechanism.
var areas = map[string]string{
	"mains": "power", "feed": "power", "ups": "power", "generator": "power", "transfer-switch": "power", "zone": "cooling",
	"node": "hardware", "psu": "hardware", "fans": "hardware", "nic": "hardware", "disk": "hardware", "site": "site",
	"system": "software", "proxy": "software", "balancer": "software", "dns": "software", "vrrp": "software", "wan": "WAN",
	"change": "changes and mistakes", "people": "changes and mistakes", "maintenance": "maintenance",
}

// causes splits the outage by what the events are worth (their probability times Birnbaum's measure). The time of failovers is a cause of
// its own. Causes add up to the outage.
func (s *study) causes() (all []Cause) {
	down, switches := s.hours(bestGuess, 1)
	by, sum := map[string]float64{}, 0.0
	for i, worth := range s.worths() {
		area := areas[s.Events[i].Kind]
		by[cmp.Or(area, "failovers that do not work")] += worth
		sum += worth
	}
	for _, area := range slices.Sorted(maps.Keys(by)) {
		if by[area] > 0 {
			all = append(all, Cause{area, down * by[area] / sum})
		}
	}
	if switches > 0 {
		all = append(all, Cause{"time of failovers", switches})
	}
	slices.SortStableFunc(all, func(a, b Cause) int { return cmp.Compare(b.Hours, a.Hours) })
	return all
}

// worths gives by event its probability times Birnbaum's measure of the users' outage; an event that restores service counts 0.
func (s *study) worths() []float64 {
	worths, birnbaum := make([]float64, len(s.Events)), s.birnbaum()
	for i, e := range s.Events {
		worths[i] = max(0, e.Unavailability*birnbaum[i])
	}
	return worths
}

// birnbaum gives by event Birnbaum's measure: by how much the users' unavailability rises if the event happens for certain.
func (s *study) birnbaum() []float64 {
	sum, p, weights := make([]float64, len(s.Events)), s.probabilities(bestGuess), s.weights()
	for _, g := range s.Groups {
		_, by := s.Diagrams.Birnbaum(g.Down, p)
		for i := range by {
			sum[i] += weights[g.Name] * by[i]
		}
	}
	return sum
}

// outages is how often a user is without service in a year, failovers included.
func (s *study) outages() (n float64) {
	weights := s.weights()
	for _, g := range s.Groups {
		n += weights[g.Name] * s.Frequency(g.Down) * dist.Year
	}
	for _, w := range s.switches {
		if w.Hours > 0 {
			n += weights[w.Group] * w.PerYear
		}
	}
	return n
}
