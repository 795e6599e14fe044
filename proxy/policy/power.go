package policy

import (
	"fmt"
	"slices"
	"time"
)

// Plant is what feeds the nodes of a design: the mains over feeds, with UPSs and generators behind them.
//
// It is simpler than life in what no figure of a design tells: a UPS holds for its whole time whatever the load, and is
// full again for the next outage; a generator starts when one of its feeds has lost the mains, at the first attempt, and
// takes its load at one instant; a transfer between two sources that both are there has no gap.
type Plant struct {
	Feeds      []Feed
	Generators []Generator
	Nodes      []Consumer
	Shed       []string // nodes that a generator leaves without power while it has too much to carry, the first one first
}

// Feed is one way in which power reaches PSUs.
type Feed struct {
	Name      string
	Hold      time.Duration // of its UPS; 0: none
	Generator string        // empty: none
}

// Generator carries its feeds from Start after their loss on. Its capacity is a share of its rated load: that of all
// nodes with a PSU on one of its feeds, each counted as 1.
type Generator struct {
	Name     string
	Start    time.Duration
	Capacity float64
}

// Consumer is a node. Its load of 1 is shared alike by those of its PSUs that have power, if they are as many as it needs;
// else it is dark and draws nothing.
type Consumer struct {
	Name   string
	PSUs   []Inlet
	Needed int
}

// Inlet is a PSU on a feed.
type Inlet struct{ PSU, Feed string }

// Supply is where a PSU's power comes from.
type Supply string

// The sources.
const (
	Mains       Supply = "mains"
	UPS         Supply = "ups"
	OnGenerator Supply = "generator"
	NoSupply    Supply = "none"
	loadEpsilon        = 1e-9
)

// Change is that a PSU's power comes from elsewhere from an instant on.
type Change struct {
	At     time.Duration `json:"at_ns"` // from the loss
	Node   string        `json:"node"`
	PSU    string        `json:"psu"`
	Feed   string        `json:"feed"`
	Supply Supply        `json:"source"`
	Why    string        `json:"why"`
}

// Outage is the time line of an outage of some feeds that lasts for a time: every change at every PSU, by time, then in
// the order of the nodes. It ends with the return of the mains, to which every PSU is transferred without a gap.
//
// A generator that has more to carry than it can leaves the next node of Shed without power on its feeds, until the mains
// are back; with nobody left to shed it trips, and carries nothing. What is left of its UPS then carries on.
func (p Plant) Outage(lost []string, length time.Duration) []Change {
	if length <= 0 {
		return nil
	}
	o := outage{Plant: p, lost: lost, shed: map[[2]string]bool{}, tripped: map[string]bool{}, now: map[PSUOf]Supply{}}
	for _, at := range o.instants(length) {
		o.settle(at)
		o.note(at, o.source, o.why)
	}
	o.note(length, func(string, Inlet, time.Duration) Supply { return Mains },
		func(string, Inlet, Supply, time.Duration) string { return "mains back" })
	return o.changes
}

// PSUOf names a PSU of a node.
type PSUOf struct{ Node, PSU string }

// Switch is that a node loses its power, or has enough of it again.
type Switch struct {
	At   time.Duration
	Node string
	On   bool
}

// Switches are what a time line's changes come to for the nodes.
func (p Plant) Switches(changes []Change) []Switch {
	var all []Switch
	source := map[PSUOf]Supply{}
	dark := map[string]bool{}
	for i, c := range changes {
		source[PSUOf{c.Node, c.PSU}] = c.Supply
		if i+1 < len(changes) && changes[i+1].At == c.At {
			continue // what happens at one instant counts together
		}
		for _, n := range p.Nodes {
			live := 0
			for _, in := range n.PSUs {
				if source[PSUOf{n.Name, in.PSU}] != NoSupply {
					live++
				}
			}
			if off := live < n.Needed; off != dark[n.Name] {
				dark[n.Name] = off
				all = append(all, Switch{c.At, n.Name, !off})
			}
		}
	}
	return all
}

// outage is a plant while some of its feeds have no mains.
type outage struct {
	Plant
	lost    []string
	shed    map[[2]string]bool // node and generator
	tripped map[string]bool
	now     map[PSUOf]Supply // what is not there is on mains
	changes []Change
}

// instants are those before the end at which a source comes or goes.
func (o *outage) instants(length time.Duration) []time.Duration {
	all := []time.Duration{0}
	for _, f := range o.Feeds {
		if !slices.Contains(o.lost, f.Name) {
			continue
		}
		all = append(all, max(0, f.Hold))
		if g, ok := o.generator(f.Generator); ok {
			all = append(all, max(0, g.Start))
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(at time.Duration) bool { return at >= length })
}

func (o *outage) generator(name string) (Generator, bool) {
	i := slices.IndexFunc(o.Generators, func(g Generator) bool { return g.Name == name })
	if name == "" || i < 0 {
		return Generator{}, false
	}
	return o.Generators[i], true
}

func (o *outage) feed(name string) Feed {
	i := slices.IndexFunc(o.Feeds, func(f Feed) bool { return f.Name == name })
	if i < 0 {
		return Feed{Name: name}
	}
	return o.Feeds[i]
}

// source is where a PSU's power comes from at an instant of the outage.
func (o *outage) source(node string, in Inlet, at time.Duration) Supply {
	if !slices.Contains(o.lost, in.Feed) {
		return Mains
	}
	f := o.feed(in.Feed)
	g, has := o.generator(f.Generator)
	switch {
	case has && o.shed[[2]string{node, g.Name}]:
		return NoSupply
	case has && at >= g.Start && !o.tripped[g.Name]:
		return OnGenerator
	case at < f.Hold:
		return UPS
	}
	return NoSupply
}

func (o *outage) why(node string, in Inlet, now Supply, at time.Duration) string {
	f := o.feed(in.Feed)
	g, has := o.generator(f.Generator)
	switch {
	case now == UPS:
		return fmt.Sprintf("%s lost, on UPS for %s", f.Name, f.Hold)
	case now == OnGenerator:
		return g.Name + " carries"
	case has && o.shed[[2]string{node, g.Name}]:
		return "shed by " + g.Name
	case has && o.tripped[g.Name]:
		return g.Name + " overloaded"
	case f.Hold > 0 && at >= f.Hold:
		return "UPS of " + f.Name + " empty"
	}
	return f.Name + " lost"
}

// settle sheds until no generator has more to carry than it can.
func (o *outage) settle(at time.Duration) {
	for range len(o.Generators) * (len(o.Shed) + 1) { // each round sheds one node from one generator, or trips one
		if !o.relieve(o.loads(at)) {
			return
		}
	}
}

// loads are what the generators carry.
func (o *outage) loads(at time.Duration) map[string]float64 {
	loads := map[string]float64{}
	for _, n := range o.Nodes {
		var live []string // the generator of each PSU with power; empty: another source
		for _, in := range n.PSUs {
			switch o.source(n.Name, in, at) {
			case NoSupply:
			case OnGenerator:
				live = append(live, o.feed(in.Feed).Generator)
			default:
				live = append(live, "")
			}
		}
		for _, g := range live {
			if len(live) >= n.Needed {
				loads[g] += 1 / float64(len(live))
			}
		}
	}
	return loads
}

func (o *outage) relieve(loads map[string]float64) bool {
	for _, g := range o.Generators {
		rated := o.rated(g.Name)
		if o.tripped[g.Name] || loads[g.Name] <= g.Capacity*float64(len(rated))+loadEpsilon {
			continue
		}
		next := slices.IndexFunc(o.Shed, func(n string) bool {
			return slices.Contains(rated, n) && !o.shed[[2]string{n, g.Name}]
		})
		if next < 0 {
			o.tripped[g.Name] = true
		} else {
			o.shed[[2]string{o.Shed[next], g.Name}] = true
		}
		return true
	}
	return false
}

// rated lists the nodes that a generator may have to carry.
func (p Plant) rated(generator string) []string {
	var names []string
	for _, n := range p.Nodes {
		on := func(in Inlet) bool {
			return slices.ContainsFunc(p.Feeds, func(f Feed) bool { return f.Name == in.Feed && f.Generator == generator })
		}
		if slices.ContainsFunc(n.PSUs, on) {
			names = append(names, n.Name)
		}
	}
	return names
}

// note records what has changed by an instant.
func (o *outage) note(at time.Duration, source func(string, Inlet, time.Duration) Supply, why func(string, Inlet, Supply, time.Duration) string) {
	for _, n := range o.Nodes {
		for _, in := range n.PSUs {
			key := PSUOf{n.Name, in.PSU}
			was, seen := o.now[key]
			if !seen {
				was = Mains
			}
			if now := source(n.Name, in, at); now != was {
				o.now[key] = now
				o.changes = append(o.changes, Change{at, n.Name, in.PSU, in.Feed, now, why(n.Name, in, now, at)})
			}
		}
	}
}
