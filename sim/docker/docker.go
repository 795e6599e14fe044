// Package docker runs topologies as containers of one Docker engine, by testcontainers-go. A lab has two internal networks and a
// container for every node, with the node's agent as the first process. The control channel of an agent is the attached standard
// input and output of its container: no port is published, and a remote engine works. The channel is also the lease: when the
// controlling process dies, the engine closes the channel, the agent ends, and the engine removes the container. The package
// knows no scenario and no fault: agents inject faults.
package docker

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/moby/moby/client"

	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/tempdir"
	"github.com/seed-ab8b6914/spof/topology"
)

// The labels of everything that the package makes. A lab's value of LabelLab is its ID.
const (
	LabelLab     = "spof.lab"
	LabelNode    = "spof.node"    // on containers: the node's name
	LabelPID     = "spof.pid"     // the controlling process, for people
	LabelUser    = "spof.user"    // the user of that process, for people
	LabelCommand = "spof.command" // the command of that process, for people
	LabelProcess = "spof.process" // the unique name of that process: see thisProcess
	LabelImage   = "spof.image"   // on images: builtin, base or engines
)

// Options of a runtime. The zero value suits the spof program.
type Options struct {
	// Binary is the spof program for the nodes: static, for Linux and the engine's architecture. Empty: the running program.
	Binary string
	// Builtin makes spof's own engines stand in for squid, haproxy and keepalived.
	Builtin bool
	// HostOnLAN gives the engine's host an address on the LAN of each lab, and admits it and containers that join the LAN as guests of the
	// proxies (proxy.Site.Guests). The nodes then reach services of the host that listen on all its addresses; they have still no route
	// to other networks.
	HostOnLAN bool
}

// Runtime deploys topologies on one engine. Several goroutines may use it. Labs of several runtimes and processes may be up side
// by side.
type Runtime struct {
	builtin   bool
	hostOnLAN bool
	program   program
	dial      dialFunc // agent.Dial

	tidy sync.Once // removes dead labs

	mu     sync.Mutex
	engine *engine           // nil before the first use
	images map[string]string // IDs of the images that the engine has, by kind
}

var _ sim.Runtime = (*Runtime)(nil)

// New makes a runtime. It reads the binary but asks no engine: see Available.
func New(o Options) (*Runtime, error) {
	path := o.Binary
	if path == "" {
		var err error
		if path, err = os.Executable(); err != nil {
			return nil, reason.Errorf("no-program", "docker runtime: the path of this program: %w", err)
		}
	}
	p, err := openProgram(path)
	if err != nil {
		return nil, fmt.Errorf("docker runtime: %w", err)
	}
	return &Runtime{builtin: o.Builtin, hostOnLAN: o.HostOnLAN, program: p, dial: agent.Dial, images: map[string]string{}}, nil
}

// Name is docker.
func (r *Runtime) Name() string { return "docker" }

// Available returns nil if the engine answers within answerTime, else an ErrUnavailable with the remedy.
func (r *Runtime) Available(ctx context.Context) error {
	_, err := r.connected(ctx)
	return err
}

// Prepare makes the images that the topology needs and the engine does not have, and removes dead labs. Deploy does the same; a
// call of Prepare before it keeps the building of images out of a measured time.
func (r *Runtime) Prepare(ctx context.Context, t topology.Topology, say func(string)) error {
	e, err := r.connected(ctx)
	if err != nil {
		return err
	}
	r.tidy.Do(func() {
		tempdir.Tidy(say)
		if err := removeOrphans(ctx, e); err != nil {
			say(fmt.Sprintf("the leftovers of an earlier run were not removed (spof clean tries again): %v", err))
		}
	})
	for _, p := range places(t, r.builtin) {
		if _, err := r.image(ctx, e, p.image, say); err != nil {
			return err
		}
	}
	return nil
}

// CanPrepare returns the error that Prepare would return, as far as it can be known without making anything: no engine, another architecture,
// or no base image and no way to make it. It does not find out whether the engine can run a lab.
func (r *Runtime) CanPrepare(ctx context.Context) error {
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
		if err := debian.check(ctx, e); err != nil {
			return err
		}
	}
	return r.program.fits(ctx, e)
}

// Architecture asks the engine for its architecture, as Go names it. The error is an ErrUnavailable.
func Architecture(ctx context.Context) (string, error) {
	e, err := connect(ctx)
	if err != nil {
		return "", err
	}
	v, err := e.api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return "", unavailable(err)
	}
	return v.Arch, nil
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
