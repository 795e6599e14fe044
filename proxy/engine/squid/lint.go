package squid

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// Limits are what surrounds a Squid. A zero is not known, and its rule is silent.
type Limits struct {
	Grace    time.Duration // the supervisor's patience at a stop: compose stop_grace_period, 10 s by default; systemd TimeoutStopSec, 90 s by default
	Patience time.Duration // how long a user waits for an answer
	Disk     int64         // bytes free below each cache_dir
}

// Lint says what is wrong with a configuration.
func (c *Config) Lint(l Limits) (all []configtext.Finding) {
	all = append(all, c.Findings...)
	add := func(code string, at configtext.Pos, why, cure, format string, a ...any) {
		all = append(all, finding(code, at, why, cure, format, a...))
	}
	if l.Grace > 0 && c.Stop() > l.Grace {
		add("shutdown-longer-than-grace", c.place(c.Timers.Shutdown.At), "after SIGTERM Squid waits shutdown_lifetime and a second, busy or not, and the supervisor kills it before",
			"write shutdown_lifetime 5 seconds, or give it more time to stop", "Squid takes %s to stop, and is killed after %s", c.Stop(), l.Grace)
	}
	for _, d := range c.CacheDirs {
		if l.Disk > 0 && d.Size.Value > l.Disk {
			add("cache-larger-than-disk", d.Size.At, "Squid fills the directory up to its size", "write a smaller size", "cache_dir %s is larger than its disk", d.Path.Value)
		}
	}
	if n := c.Nameservers; len(n) == 1 {
		add("one-nameserver", n[0].At, "Squid asks no other server, also not those of /etc/resolv.conf", "write two or more", "all names depend on %s", n[0].Value)
	}
	c.peers(l, add)
	c.openAccess(add)
	return all
}

// adder adds a finding.
type adder func(code string, at configtext.Pos, why, cure, format string, a ...any)

// peers are the findings about parents.
func (c *Config) peers(l Limits, add adder) {
	parents := c.Parents()
	if len(parents) > 0 && !c.OnlyParents() {
		add("goes-direct", parents[0].Name.At, "without never_direct Squid goes to the origin itself when its parents fail, and for requests that it does not take for hierarchical",
			"write never_direct allow all, if that must not be", "requests may pass the parents by")
	}
	if len(parents) == 1 && c.OnlyParents() {
		add("one-parent", parents[0].Name.At, "never_direct leaves no other way", "add a second cache_peer", "all requests depend on %s", parents[0].Name.Value)
	}
	for _, p := range parents {
		switch {
		case len(parents) == 1:
		case p.Connect.Set() && l.Patience > 0 && p.Connect.Value > l.Patience:
			add("connect-timeout-too-long", p.Connect.At, "a request waits for a silent parent before it tries the next one", "write connect-timeout=2 at the cache_peer",
				"users wait %s, and Squid %s for %s", l.Patience, p.Connect.Value, p.Name.Value)
		case !p.Connect.Set():
			add("no-connect-timeout", p.Name.At, "peer_connect_timeout is 30 s by default, and a request waits for it before it tries the next parent", "write connect-timeout=2 at the cache_peer",
				"%s has no connect-timeout", p.Name.Value)
		}
	}
}

// openAccess finds a proxy for everybody: the first line that matches all requests allows them.
func (c *Config) openAccess(add adder) {
	for _, r := range c.Access {
		if r.All() {
			if r.Allow {
				add("open-proxy", r.At, "the first line that matches decides", "write http_access allow for your networks, and deny all at the end", "everybody may use this proxy")
			}
			return
		}
	}
}

// place is a position, or the begin of the file if a default holds.
func (c *Config) place(at configtext.Pos) configtext.Pos {
	if at.Line == 0 {
		return configtext.Pos{File: c.File, Line: 1, Col: 1}
	}
	return at
}
