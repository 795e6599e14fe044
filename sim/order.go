package sim

import (
	"context"
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// order is one step of a fault: its injection, or its undoing.
type order struct {
	fault fault.Planned
	undo  bool
	due   int64 // on the lab's clock
	until int64 // the planned undoing; 0: unknown
}

// carryOut does the step to one target. It records when the step was asked for and when it took effect.
func (o order) carryOut(ctx context.Context, lab Lab, c fault.Candidate, record func(trace.Event)) (agent.Effect, error) {
	at, id := c.Node, o.fault.ID
	if c.Agent != "" { // one agent may inject the fault for several targets
		at, id = c.Agent, o.fault.ID+" of "+c.Node
	}
	node := lab.Node(at)
	if node == nil {
		return agent.Effect{}, reason.Errorf("no-node", "fault %s: the lab has no node %s", o.fault.ID, at)
	}
	f := agent.Fault{ID: id, Kind: o.fault.Kind, Service: c.Service, At: o.due, Until: o.until, FaultParams: o.fault.FaultParams}
	act, asked, took := node.Inject, proxy.EventFaultAsked, proxy.EventFaultEffect
	if o.undo {
		act, asked, took = node.Recover, proxy.EventRecoverAsked, proxy.EventRecoverEffect
	}
	event := trace.Event{At: o.due, Node: c.Node, Service: c.Service, Kind: asked, Fault: o.fault.ID, Text: string(f.Kind)}
	record(event)
	effect, err := act(ctx, f)
	if err != nil {
		return effect, fmt.Errorf("fault %s: %w", o.fault.ID, err)
	}
	event.At, event.Kind, event.Uncertainty, event.Text = effect.At, took, effect.Uncertainty, effect.Proof
	record(event)
	return effect, nil
}
