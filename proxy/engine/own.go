package engine

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Own is a configuration file of a team that an engine runs as it is.
type Own struct {
	Service string
	Path    string            // of the file on the node
	Ready   string            // host:port at which it accepts on its node; empty: ready when started
	StopsIn time.Duration     // from SIGTERM to its end
	Names   map[string]string // what the engine's output names -> the name in the design: servers, instances
}

// ownEvents is the name of an engine's parser of the output of a process with a team's file.
func (e Engine) ownEvents() string { return "own-" + e.Name }

// ParsesOwn tells whether a name means the parser of the output of a process with a team's file.
func (e Engine) ParsesOwn(parser string) bool { return e.OwnEvent != nil && parser == e.ownEvents() }

// RunOwn gives the process of an engine with a team's file.
func (e Engine) RunOwn(o Own) (proxy.Process, bool) {
	if e.Own == nil {
		return proxy.Process{}, false
	}
	p := e.Own(o)
	p.Service, p.Engine, p.Ready, p.StopsIn, p.Names = o.Service, e.Name, o.Ready, o.StopsIn, o.Names
	if e.OwnEvent != nil {
		p.Events = e.ownEvents()
	}
	return p, true
}
