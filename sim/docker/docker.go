// Package docker runs topologies as containers of one Docker engine, by testcontainers-go: a container for every node,
// its agent as the first process, two internal networks for a lab. The control channel of an agent is the container's
// own attached standard input and output, so that no port is published, a remote engine works, and the channel is the
// lease: when the controlling process dies, however it dies, the engine closes the channel, the agent ends, and the
// engine removes the container. The package knows no scenario and no fault: agents carry those out.
package docker

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
)

// The labels of everything that the package makes. A lab's value of LabelLab is its ID.
const (
	LabelLab     = "spof.lab"
	LabelNode    = "spof.node"    // on containers: the node's name
	LabelPID     = "spof.pid"     // the controlling process, for people
	LabelUser    = "spof.user"    // who started it, for people
	LabelCommand = "spof.command" // with which command, for people
	LabelProcess = "spof.process" // the controlling process, for good: see thisProcess
	LabelImage   = "spof.image"   // on images: builtin, base or engines
)

// Options are the choices of a runtime. The zero value is good for the program itself.
type Options struct {
	// Binary is the spof program to put on the nodes: static, for Linux and the engine's architecture. Empty: the
	// running program.
	Binary string
	// Builtin has spof's own engines stand in for squid, haproxy and keepalived.
	Builtin bool
}

// Runtime deploys topologies on one engine. It may be used by several goroutines, and labs of several runtimes and
// processes can be up side by side.
type Runtime struct {
	builtin bool
	program program
	dial    dialFunc // agent.Dial

	tidy sync.Once // removes what dead runs left

	mu     sync.Mutex
	engine *engine           // nil until first needed
	images map[string]string // IDs of the images made sure of, by kind
}

var _ sim.Runtime = (*Runtime)(nil)

// New makes a runtime. It reads the binary but does not yet speak to an engine: see Available.
func New(o Options) (*Runtime, error) {
	path := o.Binary
	if path == "" {
		var err error
		if path, err = os.Executable(); err != nil {
			return nil, fmt.Errorf("docker runtime: which program to put on the nodes: %w", err)
		}
	}
	p, err := openProgram(path)
	if err != nil {
		return nil, fmt.Errorf("docker runtime: %w", err)
	}
	return &Runtime{builtin: o.Builtin, program: p, dial: dialAgent, images: map[string]string{}}, nil
}

// Name is docker.
func (r *Runtime) Name() string { return "docker" }

// Available returns nil if the engine answers within 3 s, else an ErrUnavailable that says how to get one.
func (r *Runtime) Available(ctx context.Context) error {
	_, err := r.connected(ctx)
	return err
}

// Prepare makes the images that the topology needs, unless the engine has them, and takes away what dead runs left. Deploy
// does the same; calling Prepare first keeps the building of images out of a measured time.
func (r *Runtime) Prepare(ctx context.Context, t topology.Topology, say func(string)) error {
	e, err := r.connected(ctx)
	if err != nil {
		return err
	}
	r.tidy.Do(func() {
		if err := removeOrphans(ctx, e); err != nil {
			say(fmt.Sprintf("what an earlier run left could not be removed (spof clean tries again): %v", err))
		}
	})
	for _, p := range places(t, r.builtin) {
		if _, err := r.image(ctx, e, p.image, say); err != nil {
			return err
		}
	}
	return nil
}

// Foresee says what Prepare would fail for, as far as that is known without making anything: an engine, one of the same architecture, a
// base image or a way to make it. That an engine can't bring a lab up is only found by trying.
func (r *Runtime) Foresee(ctx context.Context) error {
	e, err := r.connected(ctx)
	if err != nil {
		return err
	}
	tag := r.program.builtinTag()
	if !r.builtin {
		tag = r.program.enginesTag()
	}
	if id, err := imageID(ctx, e, tag); err != nil || id != "" {
		return err
	}
	if !r.builtin {
		if err := debian.foresee(ctx, e); err != nil {
			return err
		}
	}
	return r.program.fits(ctx, e)
}

func (r *Runtime) connected(ctx context.Context) (*engine, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.engine == nil {
		e, err := connect(ctx)
		if err != nil {
			return nil, err
		}
		r.engine = e
	}
	return r.engine, nil
}
