package topology

import "slices"

// Engine names the program behind a service.
type Engine string

// The engines a topology file may name.
const (
	Squid   Engine = "squid"   // forward proxy
	HAProxy Engine = "haproxy" // TCP balancer
	Nginx   Engine = "nginx"   // TCP balancer that learns of dead servers from its users' own connections
	Builtin Engine = "builtin" // spof's own: a forward proxy, a balancer where the service has `balance`, a DNS responder where it has `dns`
)

// role is one thing that a service can be.
type role func(can) bool

// can says what a service of an engine may be.
type can struct {
	engine                       Engine
	forwards, balances, responds bool
}

// engines are all of them. One that is added has its line here, and its package in proxy/engine.
var engines = []can{
	{engine: Squid, forwards: true},
	{engine: HAProxy, balances: true},
	{engine: Nginx, balances: true},
	{engine: Builtin, forwards: true, balances: true, responds: true},
}

// The roles.
func forwards(c can) bool { return c.forwards }
func balances(c can) bool { return c.balances }
func responds(c can) bool { return c.responds }
func anything(can) bool   { return true }

// enginesFor lists the engines that can be something.
func enginesFor(is role) (names []string) {
	for _, c := range engines {
		if is(c) {
			names = append(names, string(c.engine))
		}
	}
	return names
}

// fits reports whether an engine can be something; one that could not be read can be anything.
func (e Engine) fits(is role) bool {
	return e == "" || slices.Contains(enginesFor(is), string(e))
}

// either lists names as a sentence has them: a, b or c.
func either(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return list(names)
	}
	return list(names[:last]) + " or " + names[last]
}
