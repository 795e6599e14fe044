package planner

import (
	"cmp"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/reports/capacity"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/state"
	"github.com/seed-ab8b6914/spof/topology"
)

// Capacity is how many users a design carries in its states, as spof capacity measured it.
type Capacity struct {
	File   string
	States []Carried
}

// Carried is how many users a design carries in one of its states (docs/capacity.md): at least Users, at most Most.
type Carried struct {
	State string   `json:"state"`
	Lost  []string `json:"lost"`
	Users int      `json:"users"`
	Most  *int     `json:"users_at_most"` // null: nothing bounds it
	From  Source   `json:"from"`
	Text  string   `json:"text,omitempty"` // what gives way first, or why there is no bound
}

func designHash(t *topology.Topology) string { return (&plan.Plan{Topology: *t}).DesignHash() }

// capacityOf takes the capacity of a design from a result. States in which nothing was found out are left out.
func capacityOf(t *topology.Topology, path string, rep *capacity.Report) (*Capacity, error) {
	switch hash := designHash(t); {
	case rep.Topology != t.Name:
		return nil, reason.Errorf("measured-other-topology", "the result is the capacity of %s, the design is %s", rep.Topology, t.Name)
	case rep.DesignHash != hash:
		return nil, reason.Errorf("measured-other-design", "the result is the capacity of another design of the name %s (%q, this one is %q); measure it again", t.Name, rep.DesignHash, hash)
	}
	c := &Capacity{File: path}
	for _, s := range rep.States {
		if len(s.Tried) > 0 || s.Limit == capacity.ByPath {
			c.States = append(c.States, carried(s))
		}
	}
	if len(c.States) == 0 {
		return nil, reason.Errorf("nothing-measured", "the capacity of %s was found in no state; measure it again, with more time", t.Name)
	}
	return c, nil
}

func carried(s capacity.State) Carried {
	c := Carried{State: s.State, Lost: s.Lost, Users: int(s.Users.Lo), From: Measured, Text: cmp.Or(s.First, s.Users.Why)}
	if s.Limit == capacity.ByPath {
		c.From, c.Text = ByPath, "no request has a path"
	}
	if !math.IsInf(s.Users.Hi, 1) {
		most := int(s.Users.Hi)
		c.Most = &most
	}
	return c
}

// of tells whether two results are of one state.
func (c Carried) of(o Carried) bool { return c.State == o.State && slices.Equal(c.Lost, o.Lost) }

// short reports whether a measured state does not carry all users at work at the peak; surely: not even by the upper end.
func (c Carried) short(peak float64) (is, surely bool) {
	return c.From == Measured && float64(c.Users) < peak, c.From == Measured && c.Most != nil && float64(*c.Most) < peak
}

// sameServers reports whether the same services on the same nodes and links serve the same users, whatever their power and timers of the
// failover are.
func sameServers(a, b *topology.Topology) bool {
	serving := func(t *topology.Topology) []any {
		nodes := slices.Clone(t.Nodes)
		for i := range nodes {
			nodes[i].Chassis = nil
		}
		return []any{nodes, t.WAN, t.Users}
	}
	return reflect.DeepEqual(serving(a), serving(b))
}

// steady is the load by which the users with a path are counted.
var steady = sync.OnceValues(func() (*scenarios.Scenario, error) { return scenarios.Open("steady", analyze.Expectable()) })

// carries lists how many users a study carries in its states: those that were measured, and of the others the users with a path.
func (s *study) carries(users int) (all []Carried, err error) {
	load, err := steady()
	if err != nil {
		return nil, err
	}
	for _, name := range state.Names() {
		states, err := state.Of(s.Topology, load, []string{name})
		if err != nil { // the design cannot be brought into it
			continue
		}
		for _, one := range states {
			n := int(math.Round(one.Reach * float64(users)))
			c := Carried{State: one.Name, Lost: append([]string{}, one.Lost...), Users: n, Most: &n, From: ByPath}
			if i := slices.IndexFunc(s.measured(), c.of); i >= 0 {
				c = s.measured()[i]
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// measured lists the states whose capacity was measured.
func (s *study) measured() []Carried {
	if s.evidence.Capacity == nil {
		return nil
	}
	return s.evidence.Capacity.States
}

// single reports whether the state is that after the loss of one component.
func (c Carried) single() bool {
	return c.State == state.NMinus1 || c.State == state.BackupWAN || c.State == state.Generator
}

// without names what is lost: the nodes or the link, and the mains in place of every feed.
func (c Carried) without() string {
	kind := map[string]string{state.NMinus1: topology.KindNode, state.NMinus2: topology.KindNode, state.BackupWAN: topology.KindWAN}[c.State]
	if c.State == state.Generator {
		return topology.Mains
	}
	return strings.TrimSpace(kind + " " + strings.Join(c.Lost, ", "))
}

// nMinusOne is what the worst loss of a single component of the design leaves: users with a path, and no more than were carried where the
// capacity without the component was measured.
func (s *study) nMinusOne(users int) N1 {
	n := N1{Users: users, Most: &users, From: ByPath}
	for _, one := range s.Singles() {
		if left := int(math.Round(float64(users) * (1 - one.Cost.Share))); left < n.Users {
			n = N1{left, &left, one.Component.String(), ByPath}
		}
	}
	for _, c := range s.measured() {
		if c.single() && c.Users < n.Users {
			n = N1{c.Users, c.Most, c.without(), c.From}
		}
	}
	return n
}

// peak is the number of users at work in the hour of the week with most.
func (p *Plan) peak() float64 { return p.Demand.Peak() * float64(p.people()) }

// cautions says which designs were measured to carry less than all users at work at the peak.
func (p *Plan) cautions(d *Design) (all []string) {
	peak := p.peak()
	for _, name := range []string{state.Whole, state.NMinus1, state.BackupWAN, state.Generator} {
		worst := -1
		for i, c := range d.Carries {
			if is, _ := c.short(peak); is && c.State == name && (worst < 0 || c.Users < d.Carries[worst].Users) {
				worst = i
			}
		}
		if worst >= 0 {
			all = append(all, d.Carries[worst].caution(d.Name, peak))
		}
	}
	return all
}

// caution says that a state does not carry the users at work at the peak, or was not shown to.
func (c Carried) caution(design string, peak float64) string {
	verb := "was not shown to carry"
	if _, surely := c.short(peak); surely {
		verb = "does not carry"
	}
	where := "whole"
	if len(c.Lost) > 0 {
		where = "without " + c.without()
	}
	return fmt.Sprintf("%s %s the %.0f users of the peak %s: measured %s.", design, verb, peak, where, c.Interval())
}

// Interval writes the users: 35 to 38, at least 200.
func (c Carried) Interval() string { return between(c.Users, c.Most) }

func between(least int, most *int) string {
	switch {
	case most == nil:
		return fmt.Sprintf("at least %d", least)
	case *most <= least:
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%d to %d", least, *most)
}

// limits gives what simulated years of a design carry, as shares of a number of users at the peak: the lower end of what was measured whole
// and after the loss of one component, for which one measured node or link stands (state.Alike). nil: nothing was measured.
func (s *study) limits(peak float64) *system.Capacities {
	if len(s.measured()) == 0 {
		return nil
	}
	all := &system.Capacities{Whole: 1, Without: map[topology.Component]float64{}}
	for _, one := range s.measured() {
		share := min(1, float64(one.Users)/peak)
		switch {
		case one.From != Measured:
		case one.State == state.Whole:
			all.Whole = share
		case one.single():
			for _, c := range state.Alike(s.Topology, one.components()[0]) {
				all.Without[c] = share
			}
		}
	}
	return all
}

// components lists what is lost.
func (c Carried) components() (lost []topology.Component) {
	if c.State == state.Generator {
		return []topology.Component{{Kind: topology.KindMains, Name: topology.Mains}}
	}
	for _, name := range c.Lost {
		kind := topology.KindNode
		if c.State == state.BackupWAN {
			kind = topology.KindWAN
		}
		lost = append(lost, topology.Component{Kind: kind, Name: name})
	}
	return lost
}
