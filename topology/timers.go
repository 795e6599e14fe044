package topology

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Timers are those of a Squid that decide over its users, in whole seconds.
type Timers struct {
	// ShutdownLifetime is how long it goes on for the connections it has when it is told to end. Its port refuses from the
	// beginning, and it takes all of that time, busy or not.
	ShutdownLifetime time.Duration `json:"shutdown_lifetime_ns"`
	ConnectTimeout   time.Duration `json:"connect_timeout_ns"` // of a connection to an origin
	ForwardTimeout   time.Duration `json:"forward_timeout_ns"` // from a request until it is connected, all attempts together
}

// SquidTimers are Squid's own defaults (squid.conf.documented of 5.7).
func SquidTimers() Timers {
	return Timers{ShutdownLifetime: 30 * time.Second, ConnectTimeout: time.Minute, ForwardTimeout: 4 * time.Minute}
}

// OwnTimers are the timers of a Squid.
func (s Service) OwnTimers() Timers {
	if s.Timers == nil {
		return SquidTimers()
	}
	return *s.Timers
}

// squidTick is what Squid takes at most beyond its shutdown_lifetime: it looks at it once a second.
const squidTick = time.Second

// StopsIn is how long the service takes at most to end when it is told to; its port refuses meanwhile. 0: it ends at once.
func (s Service) StopsIn() time.Duration {
	if s.Engine != Squid {
		return 0
	}
	return s.OwnTimers().ShutdownLifetime + squidTick
}

// timerKeys are the keys of a service that only Squid has.
var timerKeys = []string{"shutdown_lifetime", "connect_timeout", "forward_timeout"}

// timers reads those keys of a service; nil: it is no Squid.
func timers(engine Engine, o yamlfile.Object) *Timers {
	if engine != Squid {
		for _, key := range timerKeys {
			if v := o.Get(key); v.Present() && engine != "" {
				v.Problemf("%s is a timer of Squid, engine %s has none; leave it out", key, engine)
			}
		}
		return nil
	}
	t := SquidTimers()
	for _, key := range []struct {
		name  string
		value *time.Duration
		least time.Duration
	}{
		{"shutdown_lifetime", &t.ShutdownLifetime, 0},
		{"connect_timeout", &t.ConnectTimeout, time.Second},
		{"forward_timeout", &t.ForwardTimeout, time.Second},
	} {
		v := o.Get(key.name)
		*key.value = v.Duration(*key.value, key.least, time.Hour)
		if *key.value%time.Second != 0 {
			v.Problemf("Squid counts in whole seconds, got %s", yamlfile.Span(*key.value))
		}
	}
	return &t
}
