package system

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reliability/bdd"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
	"github.com/seed-ab8b6914/spof/topology"
)

// Outage is what a group loses while the design switches after a loss: a share of its requests, 0 to 1, for hours. A nil Lasts is none.
type Outage struct {
	Share float64
	Lasts dist.Distribution
}

// Capacities is what a design carries, as a share of the traffic of the greatest demand.
type Capacities struct {
	Whole   float64 // with all components
	Without map[topology.Component]float64
}

// Life is what the lifetimes of a system need beside its events.
type Life struct {
	Care       Care
	Outage     func(group string, lost topology.Component) Outage // of failovers; nil: none
	Capacities *Capacities                                        // nil: no limit
	Demand     *lifetime.Week                                     // nil: constant
}

// CauseFailover is the cause of the time of failovers in a model of lifetimes; every other loss is booked on the kind of its event.
const CauseFailover = "failover"

// kindMaintenance is the kind of events for which windows stand in.
const kindMaintenance = "maintenance"

// Lifetimes gives the model of a system for package lifetime. Event i is component i; after them come the failovers. In the long run, and
// without care, its users lose what UserUnavailability and Switches say.
//
// An event on demand is drawn when it begins to matter: when the states of the other events let some group depend on it, whatever the
// other events on demand are. It is drawn again after it has ceased to matter. So at any time those that matter are independent of each
// other and of all else, as in the exact probability.
func (s *System) Lifetimes(life Life) (*lifetime.Model, error) {
	b := &modeller{System: s, life: life, model: &lifetime.Model{Enough: 1, Demand: life.Demand}, crews: map[string]string{}, stocks: map[string]string{},
		parts: make([]float64, len(s.Groups)), open: make([][]opening, len(s.Groups))}
	for i, g := range s.Groups {
		b.function(g.Down)
		b.parts[i] = s.weight(g)
	}
	b.care()
	for i, e := range s.Events {
		b.event(i, e)
	}
	if life.Outage != nil {
		b.failovers()
	}
	b.windows()
	b.model.Capacity = b.served
	b.limits()
	if err := s.Diagrams.Err(); err != nil {
		return nil, err
	}
	b.evaluator = s.Diagrams.Evaluator(b.functions...)
	return b.model, nil
}

// modeller makes a model. Its functions are those of the evaluator: first the groups' Down.
type modeller struct {
	*System
	life          Life
	model         *lifetime.Model
	crews, stocks map[string]string // by kind
	functions     []bdd.Ref
	evaluator     *bdd.Evaluator
	parts         []float64   // by group: its share of all users
	open          [][]opening // by group: its failovers
}

// opening is a failover of a group: its component, and the share of all users that it takes.
type opening struct {
	component int
	share     float64
}

// function gives a function of the events as one of the states of components: an event happens while its component is down.
func (b *modeller) function(f bdd.Ref) func(lifetime.State) bool {
	i := len(b.functions)
	b.functions = append(b.functions, f)
	return func(up lifetime.State) bool { return b.evaluator.Holds(i, up) }
}

// served is the share of the users in groups that are served.
func (b *modeller) served(up lifetime.State) (share float64) {
	for g, whole := range b.parts {
		if b.evaluator.Holds(g, up) {
			continue
		}
		for _, o := range b.open[g] {
			if !up.Up(o.component) {
				whole -= o.share
			}
		}
		share += max(0, whole)
	}
	if share > 1-1e-12 { // the sum of the parts is 1 but for rounding
		return 1
	}
	return share
}

// event makes the component of an event.
func (b *modeller) event(i int, e Event) {
	c := lifetime.Component{Name: e.Name, Cause: e.Kind}
	switch {
	case e.After > 0:
		c.Fails = fixed(e.After)
		c.OnDemand = &lifetime.OnDemand{Needed: b.function(b.Diagrams.Var(b.variable[topology.Mains]))}
	case e.Demand:
		c.OnDemand = &lifetime.OnDemand{Needed: b.function(b.matters(i)), Refuses: e.Unavailability}
	default:
		c.Fails, c.Repair = e.times()
		c.Crew, c.Stock = b.crews[e.Kind], b.stocks[e.Kind]
	}
	b.model.Components = append(b.model.Components, c)
}

// times gives the distributions of the time to an event and of its length; the first is nil if it does not happen. A share of a kind's
// failures has the distribution of the kind, over a longer time.
func (e Event) times() (failure, repair dist.Distribution) {
	repair = fixed(0)
	if e.Row.Repair.Known() {
		repair = e.Row.Repair.Value
	}
	if e.Frequency == 0 {
		return nil, repair
	}
	failure = e.Row.Failure.Value
	if share := e.Frequency / e.Row.Frequency(); share < 1 {
		failure = dist.Scale(failure, (1/e.Frequency-repair.Mean())/failure.Mean())
	}
	return failure, repair
}

// fixed is a time that is known to be one.
func fixed(hours float64) dist.Distribution {
	d, err := dist.Fixed(hours)
	if err != nil {
		panic(err)
	}
	return d
}

// matters is true where a group may depend on an event on demand. It is a function of the other events alone.
func (b *modeller) matters(v int) bdd.Ref {
	d, all := b.Diagrams, bdd.False
	for _, g := range b.Groups {
		all = d.Or(all, d.Possible(d.Xor(d.Fix(g.Down, v, true), d.Fix(g.Down, v, false)), b.onDemand))
	}
	return all
}

func (b *modeller) onDemand(v int) bool { return b.Events[v].Demand && b.Events[v].After == 0 }

// failovers makes a component for each group and each component in its path: it is down while the group waits.
func (b *modeller) failovers() {
	type way struct {
		group string
		lost  topology.Component
	}
	begins, order := map[way]bdd.Ref{}, []way{}
	for _, w := range b.Switches(func(string, topology.Component) float64 { return 0 }) {
		at := way{w.Group, w.Event.Of}
		if _, known := begins[at]; !known {
			order = append(order, at)
		}
		begins[at] = b.Diagrams.Or(begins[at], b.Diagrams.Var(b.variable[w.Event.Name]))
	}
	for _, at := range order {
		if o := b.life.Outage(at.group, at.lost); o.Lasts != nil && o.Lasts.Mean() > 0 && o.Share > 0 {
			b.failover(at.group, at.lost, begins[at], o)
		}
	}
}

// failover makes the outage of a group that is served after the loss of a component. It ends with the loss.
func (b *modeller) failover(group string, lost topology.Component, begins bdd.Ref, o Outage) {
	g := slices.IndexFunc(b.Groups, func(g Group) bool { return g.Name == group })
	b.open[g] = append(b.open[g], opening{len(b.model.Components), b.parts[g] * o.Share})
	served := func(up lifetime.State) bool { return !b.evaluator.Holds(g, up) }
	b.model.Components = append(b.model.Components, lifetime.Component{Name: "failover of " + group + " without " + lost.String(), Cause: CauseFailover,
		Repair: o.Lasts, OnDemand: &lifetime.OnDemand{Needed: b.function(begins), Only: served, Refuses: 1}})
}

// care gives crews and stocks their names.
func (b *modeller) care() {
	for _, c := range b.life.Care.Crews {
		b.model.Crews = append(b.model.Crews, lifetime.Crew{Name: c.Name, Members: c.Members})
		for _, kind := range c.Kinds {
			b.crews[kind] = c.Name
		}
	}
	for _, s := range b.life.Care.Stocks {
		b.model.Stocks = append(b.model.Stocks, lifetime.Stock{Name: s.Kind, Parts: s.Parts, Lead: s.Lead})
		b.stocks[s.Kind] = s.Kind
	}
}

// windows puts planned windows in the place of the maintenance events of the nodes concerned.
func (b *modeller) windows() {
	nodes := map[string]bool{}
	for _, w := range b.life.Care.Windows {
		window := lifetime.Window{Name: kindMaintenance, Start: w.Start, Weeks: w.Weeks, Lasts: w.Lasts, Careful: w.Careful, InTurn: true}
		for _, e := range b.Events {
			if slices.Contains(w.Kinds, e.Kind) && !e.Common && !e.Demand {
				window.Components = append(window.Components, e.Name)
				nodes[e.node()] = true
			}
		}
		b.model.Windows = append(b.model.Windows, window)
	}
	for i, e := range b.Events {
		if e.Kind == kindMaintenance && nodes[e.node()] {
			b.model.Components[i].Fails = nil
		}
	}
}

// node is the node on which an event is; empty: none.
func (e Event) node() string {
	if e.Of.Kind == topology.KindNode {
		return e.Of.Name
	}
	return e.Of.Node
}

// limits makes the ceiling of the model: that of the lost component without which the least is carried.
func (b *modeller) limits() {
	all := b.life.Capacities
	if all == nil {
		return
	}
	type limit struct {
		lost  func(lifetime.State) bool
		share float64
	}
	var limits []limit
	for _, c := range b.Topology.Components() {
		if share, known := all.Without[c]; known {
			limits = append(limits, limit{b.function(logic{b.Diagrams, b.System}.Lost(c)), share})
		}
	}
	b.model.Ceiling = func(up lifetime.State) float64 {
		ceiling := all.Whole
		for _, l := range limits {
			if l.share < ceiling && l.lost(up) {
				ceiling = l.share
			}
		}
		return ceiling
	}
}

// Rare gives the splitting of a model of the system, for outages that take several failures: a state is one level nearer to the outage of a
// group for each failure that it needs less. Copies is the number of lives that go on at each level. nil: one failure is enough.
func (s *System) Rare(copies int) *lifetime.Splitting {
	e, may := s.Diagrams.Evaluator(s.AnyDown), make([]bool, len(s.Events))
	for i, event := range s.Events {
		may[i] = event.Unavailability > 0
	}
	whole := slices.Repeat([]uint64{math.MaxUint64}, len(s.Events)/64+1)
	order := e.Distance(0, whole, may)
	if order < 2 {
		return nil
	}
	level := func(up lifetime.State) int {
		far := e.Distance(0, up, may)
		if far < 0 {
			far = order
		}
		return order - far
	}
	return &lifetime.Splitting{Level: level, Copies: slices.Repeat([]int{cmp.Or(copies, 10)}, order-1)}
}
