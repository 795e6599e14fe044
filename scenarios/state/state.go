// Package state lists the states of a design in which its capacity matters: whole, without one node, without two, on the backup WAN, on the
// generator. Each is a plan of faults that a lab can hold in force. It measures nothing.
package state

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// The names of the states.
const (
	Whole     = "whole"
	NMinus1   = "n-1"        // without one node that serves
	NMinus2   = "n-2"        // without two nodes, one of which serves
	BackupWAN = "backup-wan" // without a WAN link that serves, in a design with several
	Generator = "generator"  // without the mains, in a design with a generator
)

// Names are the names of all states, in order.
func Names() []string { return []string{Whole, NMinus1, NMinus2, BackupWAN, Generator} }

// State is one state of a design.
type State struct {
	Name  string
	Lost  []string  // nodes, links or feeds, in the order of the design; empty: whole
	Plan  plan.Plan // its faults bring the state about
	Reach float64   // share of the requests that have a path, after every mechanism has reacted; 0: the service is down
	// Settles is the time after the faults within which the state is reached. Before After it is not.
	After, Settles time.Duration
}

// Bounds of the time until a state is reached.
const (
	powerWithin = 2 * time.Minute  // changes of supply that come later are not awaited
	settleLeast = 30 * time.Second // where no timer predicts it
	settleMore  = 10 * time.Second // in addition to what is predicted
)

// Of lists the states with some of the names that a design has, in order. Nodes and links of the same kind give one state. load is the
// scenario that gives the load; its faults do not count.
func Of(t *topology.Topology, load *scenarios.Scenario, names []string) ([]State, error) {
	var all []State
	for _, name := range Names() {
		if !slices.Contains(names, name) {
			continue
		}
		for _, lost := range losses(t, name) {
			s, err := plannedState(t, load, name, lost)
			if err != nil {
				return nil, fmt.Errorf("state %s without %s: %w", name, strings.Join(lost, ", "), err)
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// losses lists what is lost in the states with a name.
func losses(t *topology.Topology, name string) [][]string {
	d := parts{t, serving(t)}
	switch name {
	case NMinus1:
		return d.nodes()
	case NMinus2:
		return d.pairs()
	case BackupWAN:
		return d.links()
	case Generator:
		if t.Power == nil || len(t.Power.Generators) == 0 {
			return nil
		}
		var feeds []string
		for _, f := range t.Power.Feeds {
			feeds = append(feeds, f.Name)
		}
		return [][]string{feeds}
	}
	return [][]string{nil}
}

// plannedState compiles the faults of a state.
func plannedState(t *topology.Topology, load *scenarios.Scenario, name string, lost []string) (State, error) {
	s := *load
	s.Faults, s.Expect = nil, nil
	s.Phases.Fault = fault.MaxLength
	switch name {
	case NMinus1, NMinus2:
		for _, node := range lost {
			s.Faults = append(s.Faults, fault.Fault{Kind: fault.PowerLoss, Target: target.Target{Pick: node, Role: target.RoleEntry}})
		}
	case BackupWAN:
		s.Faults = []fault.Fault{{Kind: fault.WANLoss, Target: target.Target{Pick: lost[0], Role: target.RoleWAN}}}
		s.Faults[0].Mode = fault.ModeCut
	case Generator:
		s.Faults = []fault.Fault{{Kind: fault.MainsOutage, Target: target.Target{Pick: target.All, Role: target.RoleFeed}}}
	}
	p, err := plan.Compile(t, &s, 1, 1)
	if err != nil {
		return State{}, reason.Errorf("no-state", "the design cannot be brought into it: %w", err)
	}
	state := State{Name: name, Lost: lost, Plan: *p, Settles: settleLeast}
	for _, f := range p.Faults {
		if f.Predicted != nil {
			state.Settles = max(state.Settles, f.Predicted.Hi+settleMore)
		}
		state.After = max(state.After, lastChange(f.Power))
	}
	state.Settles += state.After
	state.Reach = reach(t, state.gone())
	return state, nil
}

// lastChange is when the supply of a node changes for the last time, from the loss of the mains, within powerWithin.
func lastChange(changes []policy.Change) (last time.Duration) {
	for _, c := range changes {
		if c.At <= powerWithin {
			last = max(last, c.At)
		}
	}
	return last
}

// gone lists the components that do not work in the state.
func (s State) gone() (gone []topology.Component) {
	node := func(name string) topology.Component { return topology.Component{Kind: topology.KindNode, Name: name} }
	for _, f := range s.Plan.Faults {
		switch f.Kind {
		case fault.PowerLoss:
			gone = append(gone, node(f.Candidates[0].Node))
		case fault.WANLoss:
			gone = append(gone, topology.Component{Kind: topology.KindWAN, Name: f.Candidates[0].Node})
		default:
			dark := map[string]bool{}
			for _, change := range policy.Switches(&s.Plan.Topology, f.Power) {
				if change.At <= s.After {
					dark[change.Node] = !change.On
				}
			}
			for _, n := range s.Plan.Topology.Nodes {
				if dark[n.Name] {
					gone = append(gone, node(n.Name))
				}
			}
		}
	}
	return gone
}

// reach is the share of the users' requests that have a path without some components.
func reach(t *topology.Topology, gone []topology.Component) (share float64) {
	users := 0
	for _, g := range t.Users {
		users += g.Count
	}
	for _, g := range t.Users {
		for _, part := range t.Flows(g.Name, gone...) {
			share += part * float64(g.Count) / float64(users)
		}
	}
	return share
}
