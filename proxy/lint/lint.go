// Package lint warns of designs that are legal and dangerous, each time with the timers that cause it. It is pure; it may
// import the topology and the formulas of package policy, and must know no runtime and no scenario.
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
	// At is the path of keys to the value that causes it, as the file has them.
	At   []string
	What string // what can happen, by which timers, and what would cure it
}

// rules are all lints, in the order of their warnings.
var rules = []func(*topology.Topology) []Warning{checkRace, unseenHang, slowTrack, oneBucket, powerGap, deafSignals, lowestDrain, endless, detours}

// Check gives every warning for a valid design.
func Check(t *topology.Topology) []Warning {
	var all []Warning
	for _, rule := range rules {
		all = append(all, rule(t)...)
	}
	return all
}

// checkRace warns where an outer check can fail for a failure that the inner one is still about to cure: a track check
// that goes through a balancer to the origin fails while the balancer still uses a dead server, and moves the address for
// nothing. The last check that decides must start after the balancer's latest detection.
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
				break // the members are alike, or the worst of them is warned of next time
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
	cure, down := inner.BalancerDown(f), outer.ScriptDown(f)
	starts := time.Duration(outer.Fall-1) * outer.Interval // of the last failing check, at the earliest
	if starts >= cure.Hi {
		return Warning{}, false
	}
	fall := int((cure.Hi+outer.Interval-1)/outer.Interval) + 1
	return Warning{
		At: []string{"addresses", a.Name, "vrrp", "track", "fall"},
		What: fmt.Sprintf("the check of address %s goes through the balancer of %s and can fail before the balancer has left out a %s server, "+
			"which moves the address for nothing: the balancer needs %s to %s (phase + T_fail + (fall-1) x (I + T_fail): I %s, fall %d, T_fail %s), "+
			"the track %s to %s (phase + (fall-1) x I + run: I %s, fall %d), its last check starting from %s on; fall %d would wait for the balancer",
			a.Name, node, f, cure.Lo, cure.Hi, inner.Interval, inner.Fall, inner.BalancerFail(f),
			down.Lo, down.Hi, outer.Interval, outer.Fall, starts, fall),
	}, true
}

// worst is the failure of a server that the balancer takes longest to see and that a check through it fails by: a frozen
// server always, a silent or refusing one where no other server is tried within the track's timeout.
func worst(inner policy.Check, b topology.Balance, track topology.Track) policy.Failure {
	seen := []policy.Failure{policy.Frozen}
	if elsewhere(b) >= track.Timeout {
		seen = append(seen, policy.Blackholed)
	}
	return slices.MaxFunc(seen, func(f, g policy.Failure) int {
		return int(inner.BalancerDown(f).Hi - inner.BalancerDown(g).Hi)
	})
}

// elsewhere is how long a new connection to a silent server takes at most until the balancer tries another (topology.Balance,
// RedispatchEvery).
func elsewhere(b topology.Balance) time.Duration {
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

// unseenHang warns of checks that only connect: a frozen process's kernel goes on accepting.
func unseenHang(t *topology.Topology) []Warning {
	var warnings []Warning
	warn := func(what, of string, at ...string) {
		warnings = append(warnings, Warning{At: at, What: fmt.Sprintf(
			"%s only connects, so it never sees %s freeze: the kernel goes on accepting for it; kind http asks the service itself", what, of)})
	}
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			if s.Balances() && s.Balance.Passive == nil && s.Balance.Check.Kind == topology.CheckTCP {
				warn(fmt.Sprintf("the check of %s/%s", n.Name, s.Name), "a server", "nodes", n.Name, "services", s.Name, "balance", "check", "kind")
			}
		}
	}
	for _, a := range t.Addresses {
		if a.Track != nil && a.Track.Kind == topology.CheckTCP {
			warn("the track of address "+a.Name, a.Track.Service, "addresses", a.Name, "vrrp", "track", "kind")
		}
	}
	return warnings
}

// slowTrack warns where a dead service is seen later than a dead node: the track check then rules every failover but that
// of the node itself.
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
			warnings = append(warnings, Warning{At: []string{"addresses", a.Name, "vrrp", "track"}, What: fmt.Sprintf(
				"a dead service is seen %s to %s after (phase + (fall-1) x %s, fall %d), but a dead node within %s (3 adverts of %s and the skew): "+
					"the track check makes a crash worse than a power loss",
				down.Lo, down.Hi, a.Track.Interval, a.Track.Fall, dead.Hi.Round(time.Millisecond), a.Advert)})
		}
	}
	return warnings
}

// detours warns of single points of failure round which there is a way that nothing takes, and of a single WAN link that
// is left in a design with several nodes.
func detours(t *topology.Topology) []Warning {
	var warnings []Warning
	for _, p := range t.SinglePoints() {
		var at []string
		switch p.Kind {
		case topology.KindNode:
			at = []string{"nodes", p.Name}
		case topology.KindService:
			at = []string{"nodes", p.Node, "services", p.Name}
		case topology.KindWAN:
			at = []string{"wan", p.Name}
		}
		switch {
		case p.Detour:
			warnings = append(warnings, Warning{At: at, What: p.Text()})
		case p.Kind == topology.KindWAN && len(t.WAN) == 1 && len(t.Nodes) > 1:
			warnings = append(warnings, Warning{At: at, What: fmt.Sprintf("all of %s share the one WAN link %s: %s", nodes(t), p.Name, p.Text())})
		}
	}
	return warnings
}

func nodes(t *topology.Topology) string { return strings.Join(t.Proxies(), ", ") }

// timers are those of a check, as the formulas take them.
func timers(c topology.Check) policy.Check {
	return policy.Check{HTTP: c.Kind != topology.CheckTCP, Interval: c.Interval, Timeout: c.Timeout, Fall: c.Fall, Rise: c.Rise}
}
