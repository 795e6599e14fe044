package policy

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// Supply is the source of a PSU's power.
type Supply string

// The sources.
const (
	Mains       Supply = "mains"
	UPS         Supply = "ups"
	OnGenerator Supply = "generator"
	NoSupply    Supply = "none"
)

// Change is a change of a PSU's source of power.
type Change struct {
	At     time.Duration `json:"at_ns"` // from the loss
	Node   string        `json:"node"`
	PSU    string        `json:"psu"`
	Feed   string        `json:"feed"`
	Supply Supply        `json:"source"`
	Why    string        `json:"why"`
}

// Outage gives the time line of an outage of some feeds: every change at every PSU, by time, then in the order of the nodes.
// The design must have power. The outage ends when the mains return. Then every PSU transfers without a gap.
//
// The model makes assumptions where a design has no figure. A UPS lasts its whole time at any load, and is full at the start of
// an outage. A generator starts when one of its feeds has lost the mains. It starts at the first attempt, and takes its load at
// one instant. A transfer between two live sources has no gap.
//
// An overloaded generator sheds nodes until the mains return, or trips (topology.Topology.Shed). A PSU whose generator trips
// runs on the rest of its UPS.
func Outage(t *topology.Topology, lost []string, length time.Duration) []Change {
	if length <= 0 {
		return nil
	}
	o := outage{Topology: t, lost: lost, now: map[PSUOf]Supply{}}
	for _, at := range o.instants(length) {
		source := func(n topology.Node, p topology.PSU) Supply { return o.source(n, p, at) }
		o.Shed(&o.overload, func(n topology.Node, p topology.PSU) (string, bool) { return o.carrier(p, source(n, p)) })
		o.note(at, source, o.why)
	}
	o.note(length, func(topology.Node, topology.PSU) Supply { return Mains },
		func(topology.Node, topology.PSU, Supply, time.Duration) string { return "mains back" })
	return o.changes
}

// PSUOf names a PSU of a node.
type PSUOf struct{ Node, PSU string }

// Switch is the instant at which a node loses its power or has enough of it again.
type Switch struct {
	At   time.Duration
	Node string
	On   bool
}

// Switches gives the instants at which the changes of a time line turn nodes off and on.
func Switches(t *topology.Topology, changes []Change) []Switch {
	var all []Switch
	source := map[PSUOf]Supply{}
	dark := map[string]bool{}
	for i, c := range changes {
		source[PSUOf{c.Node, c.PSU}] = c.Supply
		if i+1 < len(changes) && changes[i+1].At == c.At {
			continue // changes at one instant count together
		}
		for _, n := range t.Nodes {
			hw, live := n.Hardware(), 0
			for _, p := range hw.PSUs {
				if source[PSUOf{n.Name, p.Name}] != NoSupply {
					live++
				}
			}
			if off := live < hw.Needed; off != dark[n.Name] {
				dark[n.Name] = off
				all = append(all, Switch{c.At, n.Name, !off})
			}
		}
	}
	return all
}

// outage is a design during an outage of some feeds.
type outage struct {
	*topology.Topology
	lost     []string
	overload topology.Overload
	now      map[PSUOf]Supply // a missing PSU is on mains
	changes  []Change
}

// instants gives the instants before the end at which a source starts or ends.
func (o *outage) instants(length time.Duration) []time.Duration {
	all := []time.Duration{0}
	for _, f := range o.Power.Feeds {
		if !slices.Contains(o.lost, f.Name) {
			continue
		}
		all = append(all, max(0, f.UPS))
		if g, ok := o.Power.Generator(f.Generator); ok {
			all = append(all, max(0, g.Start))
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(at time.Duration) bool { return at >= length })
}

// source gives the source of a PSU's power at an instant of the outage.
func (o *outage) source(n topology.Node, p topology.PSU, at time.Duration) Supply {
	if !slices.Contains(o.lost, p.Feed) {
		return Mains
	}
	f, _ := o.Power.Feed(p.Feed)
	g, has := o.Power.Generator(f.Generator)
	switch {
	case has && o.overload.Shed(n.Name, g.Name):
		return NoSupply
	case has && at >= g.Start && !o.overload.Tripped(g.Name):
		return OnGenerator
	case at < f.UPS:
		return UPS
	}
	return NoSupply
}

// carrier gives the generator that carries a PSU with such a supply, and whether the PSU has power. It serves as a
// topology.SourceOf.
func (o *outage) carrier(p topology.PSU, s Supply) (generator string, on bool) {
	if s == OnGenerator {
		f, _ := o.Power.Feed(p.Feed)
		generator = f.Generator
	}
	return generator, s != NoSupply
}

// why explains the new source of a PSU's power.
func (o *outage) why(n topology.Node, p topology.PSU, now Supply, at time.Duration) string {
	f, _ := o.Power.Feed(p.Feed)
	g, has := o.Power.Generator(f.Generator)
	switch {
	case now == UPS:
		return fmt.Sprintf("%s lost, on UPS for %s", f.Name, f.UPS)
	case now == OnGenerator:
		return g.Name + " carries"
	case has && o.overload.Shed(n.Name, g.Name):
		return "shed by " + g.Name
	case has && o.overload.Tripped(g.Name):
		return g.Name + " overloaded"
	case f.UPS > 0 && at >= f.UPS:
		return "UPS of " + f.Name + " empty"
	}
	return f.Name + " lost"
}

// note records the changes at an instant.
func (o *outage) note(at time.Duration, source func(topology.Node, topology.PSU) Supply, why func(topology.Node, topology.PSU, Supply, time.Duration) string) {
	for _, n := range o.Nodes {
		for _, p := range n.Hardware().PSUs {
			key := PSUOf{n.Name, p.Name}
			was, seen := o.now[key]
			if !seen {
				was = Mains
			}
			if now := source(n, p); now != was {
				o.now[key] = now
				o.changes = append(o.changes, Change{at, n.Name, p.Name, p.Feed, now, why(n, p, now, at)})
			}
		}
	}
}
