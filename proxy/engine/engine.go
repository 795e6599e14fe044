// Package engine says what an engine is: a program that runs a service of a design, or that holds a node's addresses, and all that
// is to be known of it. Each engine is a package below this one, and package registry lists them. An engine gets all that it needs
// as a Task and gives back a process. It knows no other engine, and nobody who asks it.
package engine

import (
	"context"
	"strconv"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is one engine. All but Name and Process may be left out.
type Engine struct {
	// Name is the engine's name in a design and in Process.Engine.
	Name string
	// Process gives the files, the command and the readiness of a task's process. Run adds what the engine says for all of them.
	Process func(Task) (proxy.Process, error)
	// HealthPath is the path that a service answers itself with 200, without touching an origin; empty: proxy.HealthPath.
	HealthPath string
	// Events names the parser of the events that a process tells, for Process.Events, and Event is it: it reads one line without
	// its end, and reports whether it is an event. At stays 0 unless the line itself tells the instant.
	Events string
	Event  func(line string) (proxy.Event, bool)
	// Reload is how a process is told to read its first file again; nil: it cannot.
	Reload *proxy.Reload
	// DiesOfReload says that a process ends where it is told to read a configuration that is wrong; else it keeps the one it has.
	DiesOfReload bool
	// Stored counts the objects that the service at host:port has in store; nil: the engine has no cache.
	Stored func(ctx context.Context, addr string) (int, error)
	// Capabilities gives the Linux capabilities that a service needs in a container, beside NET_ADMIN; nil: none.
	Capabilities func(topology.Service) []string
	// Packages are the Debian packages that have the engine; nil: it is spof's own.
	Packages []string
	// Real tells in a few words what runs where the engine itself does, and StandIn and OnLoopback what stands in for it in containers
	// and in processes on loopback. Empty: no design names the engine.
	Real, StandIn, OnLoopback string
}

// Run gives the process of a task.
func (e Engine) Run(t Task) (proxy.Process, error) {
	p, err := e.Process(t)
	if err != nil {
		return proxy.Process{}, err
	}
	p.Service, p.Engine, p.Events = t.Service.Name, e.Name, e.Events
	if e.Reload != nil {
		own := *e.Reload
		p.Reload = &own
	}
	return p, nil
}

// Health is the path that a service of the engine answers itself with 200.
func (e Engine) Health() string {
	if e.HealthPath == "" {
		return proxy.HealthPath
	}
	return e.HealthPath
}

// Needs gives the Linux capabilities that a service of the engine needs in a container, beside NET_ADMIN.
func (e Engine) Needs(s topology.Service) []string {
	if e.Capabilities == nil {
		return nil
	}
	return e.Capabilities(s)
}

// Milliseconds writes a duration as HAProxy and nginx read it; a part of a millisecond counts whole, so that 0 stays apart.
func Milliseconds(d time.Duration) string {
	return strconv.FormatInt((d+time.Millisecond-1).Milliseconds(), 10) + "ms"
}
