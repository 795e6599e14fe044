// Package registry lists the engines and finds them by name. It has no engine of its own. Begin at Engines. A new engine needs a
// package, a line here, and a row in topology/engine.go, so that designs can name it.
package registry

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/proxy/engine/builtin"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
)

// Engines lists all engines; spof's own is the last.
var Engines = []engine.Engine{squid.Engine, haproxy.Engine, nginx.Engine, keepalived.Engine, builtin.Engine}

// Of finds an engine by its name.
func Of(name string) (engine.Engine, bool) {
	i := slices.IndexFunc(Engines, func(e engine.Engine) bool { return e.Name == name })
	if i < 0 {
		return engine.Engine{}, false
	}
	return Engines[i], true
}

// Running gives the engine that runs for the name in a design: with standIn spof's own, else the engine itself.
func Running(name string, standIn bool) (engine.Engine, bool) {
	e, ok := Of(name)
	if ok && standIn {
		return builtin.Engine, true
	}
	return e, ok
}

// Named gives the real engines that a design may name.
func Named() (list []engine.Engine) {
	for _, e := range Engines {
		if e.StandIn != "" {
			list = append(list, e)
		}
	}
	return list
}

// Packages gives the Debian packages of all real engines, in order.
func Packages() (names []string) {
	for _, e := range Engines {
		names = append(names, e.Packages...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// ParseEvent reads one line of a process's output with the named parser (Process.Events), and reports whether it is an event. At is 0
// unless the line has the instant; the caller sets it.
func ParseEvent(parser, line string) (proxy.Event, bool) {
	for _, e := range Engines {
		switch {
		case e.Events == parser && e.Event != nil:
			return e.Event(strings.TrimRight(line, "\r\n"))
		case e.ParsesOwn(parser):
			return e.OwnEvent(strings.TrimRight(line, "\r\n"))
		}
	}
	return proxy.Event{}, false
}
