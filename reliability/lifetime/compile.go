package lifetime

import (
	"cmp"
	"math"
	"slices"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/dist"
)

// compiler builds a system and keeps the first mistake.
type compiler struct {
	system
	names map[string]int // of components
	err   error
}

func compile(m *Model, splits *Splitting) (*system, error) {
	c := &compiler{system: system{model: m, splits: splits, length: cmp.Or(m.Life, 10*dist.Year), enough: max(m.Enough, 1e-9)}, names: map[string]int{}}
	c.cause("design")
	c.whole()
	c.addComponents()
	c.addShocks()
	c.addWindows()
	c.addSwitches()
	c.addStocks()
	c.asked = make([]uint64, c.flagWords())
	for i := range c.demands {
		State(c.asked).set(len(c.failovers) + len(c.standbys) + i)
	}
	c.demand = c.demandOf(m.Demand)
	return &c.system, c.err
}

// whole checks what belongs to no part.
func (c *compiler) whole() {
	m := c.model
	if !(c.length > 0) || math.IsInf(c.length, 1) {
		c.refuse("lifetime-value", "a life of %v hours; want a positive number", c.length)
	}
	if m.Capacity == nil || len(m.Components) == 0 {
		c.refuse("lifetime-value", "a model needs components and a Capacity")
	}
	c.share("Enough", m.Enough)
	if c.splits != nil && (c.splits.Level == nil || len(c.splits.Copies) == 0 || slices.Min(c.splits.Copies) < 1) {
		c.refuse("lifetime-value", "splitting needs a Level, and Copies of 1 or more for each level")
	}
}

func (c *compiler) addComponents() {
	crews, stocks := map[string]int{"": none}, map[string]int{"": none}
	for i, crew := range c.model.Crews {
		crews[crew.Name] = i
		if crew.Members < 1 {
			c.refuse("lifetime-value", "crew %s: %d members; want at least 1", crew.Name, crew.Members)
		}
	}
	for i, s := range c.model.Stocks {
		stocks[s.Name] = i
		if s.Parts < 0 {
			c.refuse("lifetime-value", "stock %s: %d parts; want 0 or more", s.Name, s.Parts)
		}
	}
	c.crewed, c.stocked = make([][]int, len(c.model.Crews)), make([][]int, len(c.model.Stocks))
	for i, from := range c.model.Components {
		c.addComponent(i, from, c.find(crews, from.Crew, "crew"), c.find(stocks, from.Stock, "stock"))
	}
}

func (c *compiler) addComponent(i int, from Component, crew, stock int) {
	if _, twice := c.names[from.Name]; twice || from.Name == "" {
		c.refuse("lifetime-name", "component %d: its name %q is empty or that of another", i, from.Name)
	}
	c.names[from.Name] = i
	c.clock(ofComponent, i)
	c.components = append(c.components, unit{
		c.interval(from.Name, from.Fails), c.law(from.Repair), crew, stock, c.cause(cmp.Or(from.Cause, from.Name)),
	})
	if from.KeepsAge && from.Fails != nil && !(from.Fails.Survival(c.length) > 0) {
		c.refuse("lifetime-value", "component %s keeps its age, and %s never reaches the %v hours of a life; want one that can", from.Name, from.Fails, c.length)
	}
	if crew != none {
		c.crewed[crew] = append(c.crewed[crew], i)
	}
	if stock != none {
		c.stocked[stock] = append(c.stocked[stock], i)
	}
	if s := from.OnDemand; s != nil {
		c.demands = append(c.demands, i)
		c.share(from.Name+": Refuses", s.Refuses)
		if s.Needed == nil || from.Standby != nil || crew != none || stock != none || from.KeepsAge {
			c.refuse("lifetime-value", "component %s on demand: it has no Needed, or it has a Standby, a crew, a stock or an age", from.Name)
		}
	}
	if s := from.Standby; s != nil {
		c.standbys = append(c.standbys, i)
		c.share(from.Name+": StartFails", s.StartFails)
		if s.Needed == nil || s.StartFails == 1 && from.Repair != nil && from.Repair.Mean() == 0 {
			c.refuse("lifetime-value", "standby %s: it has no Needed, or it never starts and its repair takes no time", from.Name)
		}
	}
}

func (c *compiler) addShocks() {
	for i, from := range c.model.Shocks {
		c.share(from.Name+": Spares", from.Spares)
		s := shock{c.interval(from.Name, from.Every), c.law(from.Undo), c.cause(from.Name), c.clock(ofShock, i), c.all(from.Hits), Week{}}
		for hour := range s.when {
			s.when[hour] = 1
		}
		if from.When != nil {
			s.every, s.when = c.thinned(from)
		}
		c.shocks = append(c.shocks, s)
	}
}

// thinned gives the law of candidates at the greatest rate of a week, and the probability of each hour that one is taken (Lewis and
// Shedler, Simulation of nonhomogeneous Poisson processes by thinning, 1979).
func (c *compiler) thinned(from Shock) (law int, taken Week) {
	mean, most := from.When.mean(), from.When.most()
	if !from.When.valid() || from.Every == nil {
		c.refuse("lifetime-value", "shock %s: When needs an Every, and values of 0 or more of which one is above 0", from.Name)
		return none, taken
	}
	every, err := dist.Exponential(from.Every.Mean() * mean / most)
	if err != nil {
		c.refuse("lifetime-value", "shock %s: When needs an Every with a mean", from.Name)
	}
	for hour, rate := range from.When {
		taken[hour] = rate / most
	}
	return c.law(every), taken
}

func (c *compiler) addWindows() {
	for i, from := range c.model.Windows {
		if from.Weeks < 1 || !(from.Start >= 0 && from.Start < 168) || from.Lasts == nil {
			c.refuse("lifetime-value", "window %s: want a Start of 0 to 168 hours, Weeks of 1 or more, and a time that it Lasts", from.Name)
		}
		groups := [][]int{c.all(from.Components)}
		if from.InTurn {
			groups = slices.Collect(slices.Chunk(groups[0], 1))
		}
		c.windows = append(c.windows, window{c.law(from.Lasts), c.cause(from.Name), c.clock(ofWindow, i), groups})
	}
}

func (c *compiler) addSwitches() {
	for i, from := range c.model.Switches {
		c.share(from.Name+": Ineffective", from.Ineffective)
		c.share(from.Name+": Share", from.Share)
		s := exchange{
			first: len(c.failovers), end: len(c.failovers) + len(from.Members), outage: c.law(from.Outage), manual: c.law(from.Manual),
			planned: c.law(from.Planned), failback: c.law(from.Failback), whenDone: c.cause("failover of " + from.Name),
			whenNot: c.cause("failed failover of " + from.Name), share: cmp.Or(from.Share, 1), ineffective: from.Ineffective, spread: from.Spread,
		}
		for _, member := range from.Members {
			c.failovers = append(c.failovers, failover{i, c.clock(ofSwitch, len(c.failovers))})
			if member.Works == nil {
				c.refuse("lifetime-value", "switch %s: member %s has no Works", from.Name, member.Name)
			}
		}
		c.switches = append(c.switches, s)
	}
}

// addStocks gives each stock as many orders as can be under way: one for each part, and one for each component that waits.
func (c *compiler) addStocks() {
	for i, from := range c.model.Stocks {
		s := stock{lead: c.law(from.Lead), first: len(c.owners)}
		for range from.Parts + len(c.stocked[i]) {
			c.clock(ofOrder, i)
		}
		s.end = len(c.owners)
		c.stocks = append(c.stocks, s)
	}
}

func (c *compiler) clock(kind eventKind, of int) int {
	c.owners = append(c.owners, owner{kind, of})
	return len(c.owners) - 1
}

func (c *compiler) law(d dist.Distribution) int {
	if d == nil || math.IsInf(d.Mean(), 1) {
		return none
	}
	c.laws = append(c.laws, d)
	return len(c.laws) - 1
}

// interval is the law of what happens again and again: it must take a second or more, or time would stand still.
func (c *compiler) interval(name string, d dist.Distribution) int {
	if d != nil && !(d.Mean() >= 1.0/3600) {
		c.refuse("lifetime-value", "%s: %s happens too often; want a mean of 1s or more", name, d)
	}
	return c.law(d)
}

// cause gives the number of a cause; causes of the same name are one.
func (c *compiler) cause(name string) int {
	for i, known := range c.causes {
		if known == name {
			return i
		}
	}
	c.causes = append(c.causes, name)
	return len(c.causes) - 1
}

func (c *compiler) all(names []string) (indices []int) {
	for _, name := range names {
		indices = append(indices, c.find(c.names, name, "component"))
	}
	return indices
}

func (c *compiler) find(in map[string]int, name, what string) int {
	i, known := in[name]
	if !known {
		c.refuse("lifetime-name", "no %s has the name %q", what, name)
		return none
	}
	return i
}

func (c *compiler) share(what string, p float64) {
	if !(p >= 0 && p <= 1) {
		c.refuse("lifetime-value", "%s = %v; want 0 to 1", what, p)
	}
}

func (c *compiler) refuse(code, format string, args ...any) {
	if c.err == nil {
		c.err = reason.Errorf(code, format, args...)
	}
}
