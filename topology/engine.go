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

// engineKind says what a service of an engine may be.
type engineKind struct {
	name                         Engine
	forwards, balances, responds bool
}

// engines are all of them. One that is added has its line here, and its package in proxy/engine.
var engines = []engineKind{
	{name: Squid, forwards: true},
	{name: HAProxy, balances: true},
	{name: Nginx, balances: true},
	{name: Builtin, forwards: true, balances: true, responds: true},
}

// What may be asked of an engine.
func isEngine(engineKind) bool     { return true }
func canForward(k engineKind) bool { return k.forwards }
func canBalance(k engineKind) bool { return k.balances }
func canRespond(k engineKind) bool { return k.responds }

// enginesThat lists the engines of which something is so.
func enginesThat(is func(engineKind) bool) (names []string) {
	for _, k := range engines {
		if is(k) {
			names = append(names, string(k.name))
		}
	}
	return names
}

// fits reports whether something is so of an engine; one that could not be read passes.
func (e Engine) fits(is func(engineKind) bool) bool {
	return e == "" || slices.Contains(enginesThat(is), string(e))
}

// either lists names as a sentence has them: a, b or c.
func either(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return list(names)
	}
	return list(names[:last]) + " or " + names[last]
}
