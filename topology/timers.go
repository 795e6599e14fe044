package topology

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Timers are the timers of a Squid that its users notice, in whole seconds.
type Timers struct {
	// ShutdownLifetime is the time for which Squid keeps its open connections after the signal to end. It refuses new connections from
	// the beginning. It takes the whole time, whether it is busy or not.
	ShutdownLifetime time.Duration `json:"shutdown_lifetime_ns"`
	ConnectTimeout   time.Duration `json:"connect_timeout_ns"` // to an origin
	ForwardTimeout   time.Duration `json:"forward_timeout_ns"` // from a request until Squid is connected, over all attempts
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

// squidTick is the longest that Squid takes beyond shutdown_lifetime: it checks that timer once a second.
const squidTick = time.Second

// StopsIn is the longest time that the service takes to end after it is told to. Its port refuses connections meanwhile. 0: it
// ends at once.
func (s Service) StopsIn() time.Duration {
	if !s.Engine.has(canCache) {
		return 0
	}
	return s.OwnTimers().ShutdownLifetime + squidTick
}

// timerKeys are the keys of a service that only Squid has.
var timerKeys = []string{"shutdown_lifetime", "connect_timeout", "forward_timeout"}

// timers reads those keys of a service; nil for an engine without them.
func timers(engine Engine, o yamlfile.Object) *Timers {
	if !engine.has(canCache) {
		for _, key := range timerKeys {
			engine.need(canCache, key, o.Get(key))
		}
		return nil
	}
	read := func(key string, def, least time.Duration) time.Duration {
		v := o.Get(key)
		d := v.Duration(def, least, time.Hour)
		inSteps(v, d, time.Second, string(engine))
		return d
	}
	t := SquidTimers()
	return &Timers{
		ShutdownLifetime: read("shutdown_lifetime", t.ShutdownLifetime, 0),
		ConnectTimeout:   read("connect_timeout", t.ConnectTimeout, time.Second),
		ForwardTimeout:   read("forward_timeout", t.ForwardTimeout, time.Second),
	}
}
