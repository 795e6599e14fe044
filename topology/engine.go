package topology

import (
	"slices"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Engine names the program behind a service.
type Engine string

// The engines a topology file may name.
const (
	Squid   Engine = "squid"   // forward proxy
	HAProxy Engine = "haproxy" // TCP balancer
	Nginx   Engine = "nginx"   // TCP balancer with passive health checks
	Builtin Engine = "builtin" // spof's own: a balancer where the service has `balance`, a DNS server where it has `dns`, else a forward proxy
)

// engineKind says what a service of an engine may be, and which keys it may have.
type engineKind struct {
	name                         Engine
	forwards, balances, responds bool
	caches                       bool // a cache, parents and timers of its own
	activeChecks, passiveChecks  bool
}

// engines lists all engines. An engine needs a line here and a package in proxy/engine.
var engines = []engineKind{
	{name: Squid, forwards: true, caches: true},
	{name: HAProxy, balances: true, activeChecks: true},
	{name: Nginx, balances: true, passiveChecks: true},
	{name: Builtin, forwards: true, balances: true, responds: true, activeChecks: true},
}

// The capabilities that a design can ask for.
func isEngine(engineKind) bool            { return true }
func canForward(k engineKind) bool        { return k.forwards }
func canBalance(k engineKind) bool        { return k.balances }
func canRespond(k engineKind) bool        { return k.responds }
func canCache(k engineKind) bool          { return k.caches }
func canCheckActively(k engineKind) bool  { return k.activeChecks }
func canCheckPassively(k engineKind) bool { return k.passiveChecks }

// enginesThat lists the engines with a capability.
func enginesThat(can func(engineKind) bool) (names []string) {
	for _, k := range engines {
		if can(k) {
			names = append(names, string(k.name))
		}
	}
	return names
}

// has reports whether an engine has a capability.
func (e Engine) has(can func(engineKind) bool) bool {
	return slices.Contains(enginesThat(can), string(e))
}

// fits is has, and true for an engine that could not be read: the file has that problem already.
func (e Engine) fits(can func(engineKind) bool) bool { return e == "" || e.has(can) }

// need refuses a value that only engines with a capability take. It reports whether the engine has the capability.
func (e Engine) need(can func(engineKind) bool, key string, v yamlfile.Value) bool {
	if v.Present() && !e.fits(can) {
		v.Refuse("engine-cannot", "engine %s does not support %s; use %s, or leave %s out", e, key, either(enginesThat(can)), key)
	}
	return e.has(can)
}

// either lists names as a sentence has them: a, b or c.
func either(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return list(names)
	}
	return list(names[:last]) + " or " + names[last]
}
