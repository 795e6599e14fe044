// Package engine defines an engine: a program that runs a service of a design, or that holds a node's addresses. Each engine is a
// package below this one, and package registry lists them. Begin at Engine: it gets a Task and gives a process, and starts
// nothing. This package knows no engine and no caller.
package engine

import (
	"context"
	"strconv"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is one engine. Only Name and Process are required.
type Engine struct {
	// Name is the engine's name in a design and in Process.Engine.
	Name string
	// Process gives the files, the command and the readiness of a task's process. Run adds what all processes of the engine share.
	Process func(Task) (proxy.Process, error)
	// Own gives the process with a configuration file of a team, as the file is; RunOwn adds what all engines share. nil: it cannot.
	Own func(Own) proxy.Process
	// OwnEvent reads a line of the output of such a process; nil: its events are not read.
	OwnEvent func(line string) (proxy.Event, bool)
	// HealthPath is the path to which a service itself answers 200, without a request to an origin; empty: proxy.HealthPath.
	HealthPath string
	// Events is the name of the parser of a process's output, for Process.Events. Event is the parser: it reads one line without
	// its end, and reports whether it is an event. At is 0 unless the line has the instant.
	Events string
	Event  func(line string) (proxy.Event, bool)
	// Reload says how a process reloads its first file; nil: it cannot.
	Reload *proxy.Reload
	// DiesOfReload: a process ends when it reloads a wrong configuration; else it keeps the old one.
	DiesOfReload bool
	// Stored counts the cached objects of the service at host:port; nil: the engine has no cache.
	Stored func(ctx context.Context, addr string) (int, error)
	// Capabilities gives the Linux capabilities that a service needs in a container, in addition to NET_ADMIN; nil: none.
	Capabilities func(topology.Service) []string
	// Packages lists the Debian packages of the engine; nil: it is spof's own.
	Packages []string
	// Real describes the engine itself in a few words. StandIn and OnLoopback describe its stand-in in containers and in processes on
	// loopback. Empty: a design cannot name the engine.
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

// Health gives the path to which a service of the engine itself answers 200.
func (e Engine) Health() string {
	if e.HealthPath == "" {
		return proxy.HealthPath
	}
	return e.HealthPath
}

// Needs gives the Linux capabilities that a service of the engine needs in a container, in addition to NET_ADMIN.
func (e Engine) Needs(s topology.Service) []string {
	if e.Capabilities == nil {
		return nil
	}
	return e.Capabilities(s)
}

// Milliseconds writes a duration for HAProxy and nginx. It rounds up, so that only 0 becomes 0.
func Milliseconds(d time.Duration) string {
	return strconv.FormatInt((d+time.Millisecond-1).Milliseconds(), 10) + "ms"
}
