// Package lint warns of dangers in valid designs, with the timers that cause them. Begin at Check. It refuses nothing: package
// topology refuses invalid designs. It is pure. It may import the topology and the formulas of package policy; it must know no
// runtime and no scenario.
package lint

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
)

// Warning is one danger of a design.
type Warning struct {
	Code string   // of package reason
	At   []string // path of keys to the value in the file that causes it
	What string   // the danger, the timers that cause it, and the remedy
}

// warn makes a warning; at is a path of keys, joined by dots.
func warn(code, at, format string, args ...any) Warning {
	return Warning{code, strings.Split(at, "."), fmt.Sprintf(format, args...)}
}

// balancers calls a function for each balancer of a design, with the path of its keys.
func balancers(t *topology.Topology, f func(n topology.Node, s topology.Service, at string)) {
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			if s.Balances() {
				f(n, s, "nodes."+n.Name+".services."+s.Name+".balance")
			}
		}
	}
}

// rules lists all rules, in the order of their warnings.
var rules = []func(*topology.Topology) []Warning{checkRace, unseenHang, slowTrack, sourceOneServer, powerGap, signalsWithoutEffect, lowestPriority, noIdleTimeout, detours}

// Check gives all warnings for a valid design.
func Check(t *topology.Topology) []Warning {
	var all []Warning
	for _, rule := range rules {
		all = append(all, rule(t)...)
	}
	return all
}

// checkRace warns of a track check through a balancer to the origin that can fail while the balancer still uses a dead server: the
// address then moves for nothing. The last check that decides must start after the balancer's latest detection.
func checkRace(t *topology.Topology) []Warning {
	var warnings []Warning
	for _, a := range t.Addresses {
		if a.Track == nil || a.Track.Kind != topology.CheckOrigin {
			continue
		}
		for _, m := range a.Members {
			n, _ := t.Node(m.Node)
			s, ok := n.Service(a.Track.Service)
			if !ok || !s.Balances() || s.Balance.Passive != nil {
				continue
			}
			if w, races := race(a, n.Name, *s.Balance); races {
				warnings = append(warnings, w)
				break // one warning for each address; the next run warns of other members
			}
		}
	}
	return warnings
}

func race(a topology.Address, node string, b topology.Balance) (Warning, bool) {
	inner, outer := timers(b.Check), timers(a.Track.Check)
	inner.Connect = b.ConnectTimeout
	f := worst(inner, b, *a.Track)
	if !inner.Sees(f) {
		return Warning{}, false // unseenHang warns of it
	}
	detected, down := inner.BalancerDown(f), outer.ScriptDown(f)
	starts := time.Duration(outer.Fall-1) * outer.Interval // of the last failing check, at the earliest
	if starts >= detected.Hi {
		return Warning{}, false
	}
	fall := int((detected.Hi+outer.Interval-1)/outer.Interval) + 1
	return warn("check-race", "addresses."+a.Name+".vrrp.track.fall",
		"the track check of address %s goes through the balancer of %s and can fail before the balancer has left out a %s server; "+
			"the address then moves for nothing. The balancer needs %s to %s (phase + T_fail + (fall-1) x (I + T_fail): I %s, fall %d, T_fail %s). "+
			"The track needs %s to %s (phase + (fall-1) x I + run: I %s, fall %d), and its last check starts after %s or later; use fall: %d",
		a.Name, node, f, detected.Lo, detected.Hi, inner.Interval, inner.Fall, inner.BalancerFail(f),
		down.Lo, down.Hi, outer.Interval, outer.Fall, starts, fall), true
}

// worst is the failure of a server that fails a check through the balancer, and that the balancer takes longest to detect: a frozen
// server; or a silent one, if the balancer tries no other server within the track's timeout.
func worst(inner policy.Check, b topology.Balance, track topology.Track) policy.Failure {
	seen := []policy.Failure{policy.Frozen}
	if redispatchAfter(b) >= track.Timeout {
		seen = append(seen, policy.Blackholed)
	}
	return slices.MaxFunc(seen, func(f, g policy.Failure) int {
		return int(inner.BalancerDown(f).Hi - inner.BalancerDown(g).Hi)
	})
}

// redispatchAfter is the longest time until the balancer tries another server for a new connection to a silent one
// (topology.Balance, RedispatchEvery).
func redispatchAfter(b topology.Balance) time.Duration {
	tries := b.Retries
	switch {
	case !b.Redispatch || b.Retries == 0 || b.Algorithm == "source":
		return math.MaxInt64
	case b.Algorithm == "roundrobin" && len(b.Servers) > 1:
		tries = 1
	case b.RedispatchEvery > 0:
		tries = b.RedispatchEvery
	}
	if tries > b.Retries {
		return math.MaxInt64
	}
	return time.Duration(tries) * b.ConnectTimeout
}

// unseenHang warns of checks that only connect: the kernel accepts connections for a frozen process.
func unseenHang(t *topology.Topology) []Warning {
	var warnings []Warning
	add := func(check, of, at string) {
		warnings = append(warnings, warn("hang-undetected", at,
			"the %s only connects and never detects that %s is frozen: the kernel still accepts connections; use kind: http", check, of))
	}
	balancers(t, func(n topology.Node, s topology.Service, at string) {
		if s.Balance.Passive == nil && s.Balance.Check.Kind == topology.CheckTCP {
			add(fmt.Sprintf("check of %s/%s", n.Name, s.Name), "a server", at+".check.kind")
		}
	})
	for _, a := range t.Addresses {
		if a.Track != nil && a.Track.Kind == topology.CheckTCP {
			add("track check of address "+a.Name, a.Track.Service, "addresses."+a.Name+".vrrp.track.kind")
		}
	}
	return warnings
}

// slowTrack warns of a track check that detects a dead service later than VRRP detects a dead node.
func slowTrack(t *topology.Topology) []Warning {
	var warnings []Warning
	for _, a := range t.Addresses {
		if a.Track == nil {
			continue
		}
		least := slices.MinFunc(a.Members, func(m, o topology.Member) int { return m.Priority - o.Priority })
		dead := policy.VRRP{Version: a.Version, Advert: a.Advert, Priority: least.Priority}.Silence()
		down := timers(a.Track.Check).ScriptDown(policy.Refused)
		if down.Lo > dead.Hi {
			warnings = append(warnings, warn("slow-track", "addresses."+a.Name+".vrrp.track",
				"the track check detects a dead service after %s to %s (phase + (fall-1) x %s, fall %d), and VRRP a dead node within %s (3 adverts of %s and the skew): "+
					"the outage of a crash is longer than that of a power loss; use a shorter interval or a smaller fall",
				down.Lo, down.Hi, a.Track.Interval, a.Track.Fall, dead.Hi.Round(time.Millisecond), a.Advert))
		}
	}
	return warnings
}

// detours warns of single points of failure with a detour, and of a single WAN link in a design with several nodes.
func detours(t *topology.Topology) []Warning {
	var warnings []Warning
	for _, p := range t.SinglePoints() {
		at := map[string]string{topology.KindNode: "nodes." + p.Name, topology.KindService: "nodes." + p.Node + ".services." + p.Name, topology.KindWAN: "wan." + p.Name}[p.Kind]
		switch {
		case p.Detour:
			warnings = append(warnings, warn("unused-detour", at, "%s: its loss cuts off %s; another path exists, but no mechanism switches to it", p.Component, strings.Join(p.Groups, ", ")))
		case p.Kind == topology.KindWAN && len(t.WAN) == 1 && len(t.Nodes) > 1:
			warnings = append(warnings, warn("single-wan-link", at, "%s share the only WAN link %s; its loss cuts off %s",
				strings.Join(t.Proxies(), ", "), p.Name, strings.Join(p.Groups, ", ")))
		}
	}
	return warnings
}

// timers converts a check for the formulas of package policy.
func timers(c topology.Check) policy.Check {
	return policy.Check{HTTP: c.Kind != topology.CheckTCP, Interval: c.Interval, Timeout: c.Timeout, Fall: c.Fall, Rise: c.Rise}
}
