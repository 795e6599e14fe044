package keepalived

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// leaving is how the master leaves, as its backups see it.
type leaving int

const (
	stays    leaving = iota // nothing changes
	silent                  // no more advertisements
	released                // an advertisement of priority 0
	lowered                 // advertisements of a lower priority
)

// exit is what a fault makes of the master of a virtual router.
type exit struct {
	how      leaving
	priority int // lowered
	detect   policy.Bounds
	blind    bool
	term     Term
	why      string // stays
	at       []configtext.Pos
}

// exit says how a member leaves at a fault, by itself and by its sync group.
func (m Member) exit(f Fault) exit {
	own := m.alone(f)
	group := m.Node.Config.Group(m.Instance.Name.Value)
	if group == nil || own.how == silent || own.how == released {
		return own
	}
	for _, name := range group.Members {
		i := named(m.Node.Config.Instances, name.Value, func(i Instance) string { return i.Name.Value })
		if i == nil || i.Name == m.Instance.Name {
			continue
		}
		if other := (Member{m.Node, i}).alone(f); other.fault(f, i) {
			other.how = released
			other.term.Text = fmt.Sprintf("sync group %s goes to FAULT with %s", group.Name.Value, i.Name.Value)
			return other
		}
	}
	return own
}

// fault tells whether the member of an exit goes to FAULT, or is silent because its own link is down.
func (e exit) fault(f Fault, i *Instance) bool {
	return e.how == released || e.how == silent && f.Kind == LinkDown && !i.DontTrackPrimary.Value
}

// alone says how a member leaves without its sync group.
func (m Member) alone(f Fault) exit {
	i := m.Instance
	switch f.Kind {
	case Dead:
		return exit{how: silent}
	case Stopped:
		return exit{how: released}
	case Partitioned, LinkDown:
		if i.Interface.Value == f.Interface {
			return exit{how: silent, at: places(i.Interface.At)}
		}
		if f.Kind == LinkDown {
			return m.loses([]string{f.Interface}, f.As, "the link of "+f.Interface)
		}
		return exit{why: fmt.Sprintf("%s advertises on %s, which is not cut off", i.Name.Value, i.Interface.Value), at: places(i.Interface.At), blind: true}
	}
	return m.loses(f.Tracks, f.As, "the fault")
}

// loses says how a member leaves when tracks of the given names fail.
func (m Member) loses(names []string, as policy.Failure, what string) exit {
	c, e := m.Node.Config, exit{how: lowered, blind: true}
	before, _ := c.Priority(m.Instance)
	for _, t := range c.Tracked(m.Instance) {
		if !slices.Contains(names, t.Name.Value) {
			continue
		}
		text, bounds, from := c.detection(t, as)
		if t.Weight.Value == 0 && (e.blind || bounds.Hi < e.detect.Hi || e.how == lowered) {
			e.how, e.blind, e.detect, e.term = released, false, bounds, Term{text, bounds, from}
		}
		if e.how == lowered && (e.blind || bounds.Hi > e.detect.Hi) {
			e.blind, e.detect, e.term = false, bounds, Term{text, bounds, from}
		}
		e.at = append(e.at, places(t.Weight.At, t.Name.At)...)
	}
	if e.blind {
		return exit{blind: true, at: places(m.Instance.Name.At), why: fmt.Sprintf("%s tracks nothing that sees %s", m.Instance.Name.Value, what)}
	}
	after, up := c.Priority(m.Instance, names...)
	switch {
	case !up:
		e.how = released
	case after >= before:
		e.how, e.why = stays, fmt.Sprintf("the priority of %s stays at %d", m.Node.Name, before)
	}
	e.priority = after
	return e
}
