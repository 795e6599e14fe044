package squid

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
)

// segments is the beginning of the names of the shared memory of a Squid without -n.
const segments = "squid-"

// own runs a team's squid.conf. -z makes the directories of its cache.
func own(o engine.Own) proxy.Process {
	return proxy.Process{
		Command: []string{"squid", "-N", "-d", "1", "-f", o.Path}, Before: []string{"squid", "-N", "-z", "-f", o.Path},
		Check: []string{"squid", "-k", "parse", "-f", o.Path}, Stale: []string{"/run/squid.pid"}, Segments: segments,
	}
}
