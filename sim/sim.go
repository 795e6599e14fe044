// Package sim is the engine: it brings a plan up on a runtime, drives the load, injects the faults and awaits their
// effects, and records a trace of each trial. It judges nothing: reports read the traces.
package sim

import (
	"context"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Runtime is where plans run.
type Runtime interface {
	// Name is docker, local or virtual.
	Name() string
	// Fidelity says how true each fault and mechanism is here; what is not listed is unsupported.
	Fidelity() []trace.Fidelity
	// Prepare makes what every lab of the topology needs and is kept between runs (images), so that no measured time holds
	// it. say tells what goes on, for people.
	Prepare(ctx context.Context, t topology.Topology, say func(string)) error
	// Deploy starts a node with an agent for everything in the topology: its nodes, links, origins and user groups. It
	// returns when every agent has said hello. On an error nothing is left behind.
	Deploy(ctx context.Context, t topology.Topology, say func(string)) (Lab, error)
}

// Lab is one deployed topology.
type Lab interface {
	ID() string
	Site() proxy.Site
	// Node gives the link to a node's agent; nil if there is no such node.
	Node(name string) *agent.Link
	Clock
	// Close ends every node and removes all that Deploy made. It is safe to call twice.
	Close(ctx context.Context) error
}

// Clock is the lab's time: nanoseconds of the CLOCK_MONOTONIC that the agents stamp events with.
type Clock interface {
	Now() int64
	// Wait returns when the clock reaches at, or with the context's error.
	Wait(ctx context.Context, at int64) error
	// Uncertainty bounds the error of Now against the agents' clocks.
	Uncertainty() time.Duration
}
