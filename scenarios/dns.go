package scenarios

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// More modes of dns-failure; ModeSilent is the third.
const (
	ModeDead     = "dead"     // the server's process dies: its host refuses
	ModeServfail = "servfail" // it answers that it cannot
)

// resolveDNS resolves a target among the DNS servers that users ask; the first serves, and the next stands by.
func (d design) resolveDNS(t Target, rng *rand.Rand) (choice, error) {
	if d.asked == nil {
		return choice{}, fmt.Errorf("role %s: users ask for no name; this design has no DNS", RoleDNS)
	}
	servers := d.asked.Servers
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: servers}, nil
	case Any:
		return oneOf(servers, rng), nil
	case Serving:
		return choice{pick: PickFirst, nodes: servers[:1]}, nil
	case Standby:
		if len(servers) < 2 {
			return choice{}, fmt.Errorf("target %s, role %s: users ask %s alone; none stands by", Standby, RoleDNS, servers[0])
		}
		return choice{pick: PickFirst, nodes: servers[1:2]}, nil
	}
	return d.named(t, d.t.Responders())
}

// predictDNS is for the loss of DNS servers. What users know of the name they know until its TTL is over.
func (d design) predictDNS(f PlannedFault) *Prediction {
	if d.asked == nil {
		return nil
	}
	struck := f.nodes()
	if f.Kind == PowerLoss && overlap(struck, d.members) || !d.strikesResponders(f) {
		return nil // a proxy goes with it, or something else on the node does alone
	}
	if !slices.Contains(struck, d.asked.Servers[0]) {
		return &Prediction{Text: d.asked.Servers[0] + " is asked first, and answers: no outage"}
	}
	if !slices.ContainsFunc(d.asked.Servers, func(s string) bool { return !slices.Contains(struck, s) }) {
		ttl := round(d.dns.TTL)
		return never("users keep the answer that they have for what is left of its TTL, uniform in 0 to %s: none is cut off at once, "+
			"and all are from %s on, since no other server is asked", ttl, ttl)
	}
	if f.Kind == Crash || f.Kind == DNSFailure && f.Mode != ModeSilent {
		return &Prediction{Text: "the next server is asked at once: no outage"}
	}
	return nil // each question waits for the silent server first, at its user's own instants
}

// strikesResponders reports whether what is struck are the responders themselves.
func (d design) strikesResponders(f PlannedFault) bool {
	return !slices.ContainsFunc(f.Candidates, func(c Candidate) bool {
		n, _ := d.t.Node(c.Node)
		s, ok := n.Responder()
		return f.Kind != PowerLoss && (!ok || c.Service != s.Name)
	})
}

// predictRecords is for the loss of nodes that a name leads to: the responder's check sees it, and the users hear of it when
// the answers that they have are too old.
func (d design) predictRecords(f PlannedFault) *Prediction {
	if f.takes(d.members) {
		return never("%s has no other record", d.dns.Host())
	}
	failure := failures[f.Kind]
	c := trackTimers(d.dns.Check)
	c.Connect = c.Timeout // it bounds the whole check
	switch {
	case d.asked.Next && failure == policy.Refused:
		return &Prediction{Text: "the connection is refused, and the next address tried within the same request: no outage"}
	case !c.Sees(failure):
		return never("a %s check still connects to a frozen process, so that its record stays", d.dns.Check.Kind)
	case d.asked.Next && failure == policy.Blackholed && d.asked.ConnectTimeout > 0 && d.asked.ConnectTimeout < d.load.Patience:
		return nil // users are served, but late: whether that is service depends on the baseline
	}
	down := c.BalancerDown(failure)
	b := policy.Bounds{Lo: down.Lo, Hi: down.Hi + d.dns.TTL}
	note := ""
	if d.spared(len(f.nodes())) {
		b.Lo, note = 0, "; no outage where no resolver has the address"
	}
	return &Prediction{
		Lo: b.Lo, Hi: b.Hi, Event: proxy.EventRecord,
		Text: fmt.Sprintf("responder: phase + T_fail + (fall-1) x (I + T_fail), phase 0 to %s, T_fail %s (%s), fall %d, I %s: %s; "+
			"+ what is left of the TTL for the last user who has the address, 0 to %s: %s%s",
			c.Interval, c.BalancerFail(failure), failure, c.Fall, c.Interval, interval(down), round(d.dns.TTL), interval(b), note),
	}
}

// spared reports whether so few resolvers ask that, in more than one case of a thousand, none has the address of any of so
// many struck records.
func (d design) spared(struck int) bool {
	const unlikely = 0.001
	resolvers := d.asked.Caches
	if resolvers == 0 {
		resolvers = d.users
	}
	return math.Pow(1-float64(struck)/float64(len(d.members)), float64(resolvers)) > unlikely
}
