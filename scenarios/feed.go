package scenarios

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// RoleFeed is the role of power feeds. Serving means the feed of the first PSU of the node where users enter.
const RoleFeed = "feed"

func (d design) feedNames() []string {
	var names []string
	if d.t.Power != nil {
		for _, f := range d.t.Power.Feeds {
			names = append(names, f.Name)
		}
	}
	return names
}

// resolveFeed resolves a target to feeds.
func (d design) resolveFeed(t Target, rng *rand.Rand) (choice, error) {
	feeds := d.feedNames()
	if len(feeds) == 0 {
		return choice{}, fmt.Errorf("role %s: this design has no power", RoleFeed)
	}
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: feeds}, nil
	case Any:
		return d.oneOf(feeds, rng), nil
	case Serving:
		n, _ := d.t.Node(d.members[0])
		return choice{pick: PickFirst, nodes: []string{n.Hardware().PSUs[0].Feed}}, nil
	case Standby:
		return choice{}, fmt.Errorf("target %s, role %s: name a feed; feeds do not stand by", Standby, RoleFeed)
	}
	if !slices.Contains(feeds, t.Pick) {
		return choice{}, unknown("power feed", t.Pick, append([]string{Serving, Any, All}, feeds...))
	}
	return choice{pick: PickFirst, nodes: []string{t.Pick}}, nil
}

// completeFeed turns the feeds that are lost into the time line of every node's inputs.
func (d design) completeFeed(f *PlannedFault) error {
	lost := f.nodes()
	if f.Kind == proxy.MainsOutage && len(lost) != len(d.feedNames()) {
		return fmt.Errorf("a %s takes all feeds: want the target %s; %s takes some of them", proxy.MainsOutage, All, proxy.FeedLoss)
	}
	f.Feeds, f.Power, f.Candidates, f.Pick = lost, d.plant().Outage(lost, f.Undo-f.At), nil, PickAll
	for _, n := range d.t.Nodes {
		if slices.ContainsFunc(f.Power, func(c policy.Change) bool { return c.Node == n.Name }) {
			f.Candidates = append(f.Candidates, Candidate{Node: n.Name})
		}
	}
	return nil
}

// sharedGenerator is a generator that feeds of two faults would start; empty: there is none.
func (p *Plan) sharedGenerator(f, g PlannedFault) string {
	if p.Topology.Power == nil {
		return ""
	}
	generator := map[string]string{}
	for _, feed := range p.Topology.Power.Feeds {
		generator[feed.Name] = feed.Generator
	}
	for _, a := range f.Feeds {
		for _, b := range g.Feeds {
			if name := generator[a]; name != "" && name == generator[b] {
				return name
			}
		}
	}
	return ""
}

// plant is the design's power as its model has it.
func (d design) plant() policy.Plant {
	p := policy.Plant{Shed: d.t.Power.Shed}
	for _, f := range d.t.Power.Feeds {
		p.Feeds = append(p.Feeds, policy.Feed{Name: f.Name, Hold: f.UPS, Generator: f.Generator})
	}
	for _, g := range d.t.Power.Generators {
		p.Generators = append(p.Generators, policy.Generator{Name: g.Name, Start: g.Start, Capacity: g.Capacity})
	}
	for _, n := range d.t.Nodes {
		hw := n.Hardware()
		c := policy.Consumer{Name: n.Name, Needed: hw.Needed}
		for _, s := range hw.PSUs {
			c.PSUs = append(c.PSUs, policy.Inlet{PSU: s.Name, Feed: s.Feed})
		}
		p.Nodes = append(p.Nodes, c)
	}
	return p
}

// heeds reports whether a node's signals say something before its end, or without one, that has an effect of its own: a
// supply that is lost while the rest carry the node is a warning, which has a node that drains leave before it dies, and
// without preemption leave at once.
func (d design) heeds(changes []policy.Change, off []policy.Switch) bool {
	if d.t.Signals != topology.Drain {
		return false
	}
	return slices.ContainsFunc(changes, func(c policy.Change) bool {
		if c.Supply != policy.NoSupply {
			return false
		}
		dies := slices.IndexFunc(off, func(s policy.Switch) bool { return s.Node == c.Node && !s.On })
		if dies < 0 {
			return d.address != nil && !d.address.Preempt && slices.Contains(d.members, c.Node)
		}
		return c.At < off[dies].At
	})
}

// predictFeed is for the loss of feeds of which at most one node dies, once and until the undoing.
func (d design) predictFeed(f PlannedFault) *Prediction {
	var off []policy.Switch
	for _, s := range d.plant().Switches(f.Power) {
		if s.At < f.Undo-f.At {
			off = append(off, s)
		}
	}
	if d.heeds(f.Power, off) {
		return open("a node that drains hears of it before its end, or leaves though it would not end")
	}
	if len(off) == 0 {
		return quiet("every node keeps as many supplies as it needs")
	}
	if len(off) > 1 {
		return open("power goes and comes more than once, or on more than one node")
	}
	loss := f
	loss.At += off[0].At
	loss.Kind, loss.Pick, loss.Candidates = proxy.PowerLoss, PickFirst, []Candidate{{Node: off[0].Node}}
	p := d.predictLoss(loss)
	if p.Never || p.unknown || p.quiet() || off[0].At == 0 {
		return p
	}
	p.Lo, p.Hi = p.Lo+off[0].At, p.Hi+off[0].At
	p.Text = fmt.Sprintf("%s is without power after %s, then %s; from the loss of the feed %s to %s",
		off[0].Node, round(off[0].At), p.Text, round(p.Lo), round(p.Hi))
	return p
}
