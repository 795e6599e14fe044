// Package sim is the engine: it brings a plan up on a runtime, drives the load, injects the faults and awaits their
// effects, and records a trace of each trial. It judges nothing: reports read the traces.
//
// The engine knows runtimes, labs and nodes by the interfaces below. Its time comes from the lab's Clock alone, so that a
// runtime may run in virtual time.
package sim

import (
	"context"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Runtime is where plans run.
type Runtime interface {
	// Name is docker, local or virtual.
	Name() string
	// Fidelity says whether each fault and mechanism is real or emulated. A fault or mechanism that is not listed is unsupported.
	Fidelity() []trace.Fidelity
	// Prepare makes what every lab of the topology needs and what is kept between runs, such as images. It is called before any
	// measured time. say reports progress to people.
	Prepare(ctx context.Context, t topology.Topology, say func(string)) error
	// Deploy starts an agent for every node, link, origin and user group of the topology, and returns when every agent has
	// said hello. On an error it leaves nothing behind.
	Deploy(ctx context.Context, t topology.Topology, say func(string)) (Lab, error)
}

// Lab is one deployed topology.
type Lab interface {
	Clock
	ID() string
	// Began is when Deploy was called, on the lab's clock.
	Began() int64
	Site() proxy.Site
	// Node returns a node by its name; nil if the lab has no such node.
	Node(name string) Node
	// Close ends every node and removes everything that Deploy made. It is safe to call twice.
	Close(ctx context.Context) error
}

// Node is one node of a lab: what the engine asks of its agent. *agent.Link is one, and says what each method does.
type Node interface {
	Hello() agent.Hello
	Subscribe(agent.Handler)
	Start(context.Context, proxy.NodeSpec) error
	Forget(context.Context) error

	// Faults.
	Inject(context.Context, agent.Fault) (agent.Effect, error)
	Recover(context.Context, agent.Fault) (agent.Effect, error)

	// The load, on the node of a user group.
	Load(context.Context, load.Spec) error

	// Measurements: of a WAN link, of the services, and of the machine.
	Calibrate(context.Context) (proxy.RelayCost, error)
	Meter(context.Context) error
	WatchMachine(context.Context, func(proxy.Reading)) error
	LeaveMachine(context.Context) error
}

var _ Node = (*agent.Link)(nil)
