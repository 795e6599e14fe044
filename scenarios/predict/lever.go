package predict

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Lever is a change of a setting that shortens what a part of a failover waits for.
type Lever struct {
	Waits  string // what waits for what: VRRP waiting for 3 adverts
	Now    string // the setting as it is: advert 1s
	Change string // the setting as it would be: advert 200ms
	// Apply makes the change in a copy of the topology. A design file may state the result.
	Apply func(*topology.Topology)
}

// Moment is a part of a failover, with the mechanism that ended it.
type Moment struct {
	Part proxy.Part
	By   proxy.EventKind // with which the mechanism decided
	Node string          // that decided
	// Reported: the holder of an address reported its failure, or a balancer or DNS responder its first failed check; so that deciding is
	// told apart from detecting.
	Reported bool
	// Repeats: every request that met no service in the part had its SYN repeated.
	Repeats bool
}

// Levers lists the changes that shorten a part of a failover, the first choice first; none: no setting of the design does. Whether a change
// shortens the failover, and to what, is for Predict to say.
func (d Predictor) Levers(m Moment) []Lever {
	switch m.By {
	case proxy.EventVRRP:
		return d.electionLevers(m)
	case proxy.EventServerDown:
		return d.balancerLevers(m)
	case proxy.EventRecord:
		return d.recordLevers(m)
	case proxy.EventPeerDead:
		return d.parentLevers(m)
	}
	return nil
}

// Cause is what a part of a failover waits for.
type Cause struct {
	Waits string // what waits for what
	Now   string // the setting that bounds it, as it is; empty: none that is known
	Fixed bool   // no timer of the design changes it
}

// Cause says what a part of a failover waits for, also where no lever shortens it.
func (d Predictor) Cause(m Moment) Cause {
	switch levers := d.Levers(m); {
	case len(levers) > 0:
		return Cause{Waits: levers[0].Waits, Now: levers[0].Now}
	case m.By == proxy.EventPACBad && d.PAC != nil:
		return Cause{Waits: "browsers, each waiting for its own connection to the lost proxy to fail", Now: d.browserWaits()}
	case m.Part == proxy.PartClient && m.Repeats:
		return Cause{Waits: "users repeating SYNs that got no answer (TCP waits 1 s or longer before each)", Fixed: true}
	case m.Part == proxy.PartClient:
		return Cause{Waits: "users whose requests still met no service after the switch"}
	case m.Part == proxy.PartSwitch:
		return Cause{Waits: "the announcement of the address reaching the users", Fixed: true}
	case m.Part == proxy.PartDecide:
		return Cause{Waits: m.Node + " deciding after the failure was noticed"}
	case m.By == proxy.EventRoute:
		return Cause{Waits: "the route of " + m.Node + " changing"}
	}
	return Cause{Waits: m.Node + " noticing the failure"}
}

// browserWaits words what bounds the connection of a browser to a silent proxy.
func (d Predictor) browserWaits() string {
	wait := connectTimeout(d.PAC)
	if wait > neighbour {
		return fmt.Sprintf("connect_timeout %s; the kernel gives up a silent neighbour after %s", yamlfile.Span(wait), yamlfile.Span(neighbour))
	}
	return "connect_timeout " + yamlfile.Span(wait)
}

// shorter is the largest of 1, 2 and 5 times a power of ten that is at most a fifth of d, in whole steps; 0: there is none.
func shorter(d, step time.Duration) time.Duration {
	unit, best := time.Duration(1), time.Duration(0)
	for unit*10 <= d/5 {
		unit *= 10
	}
	for _, m := range []time.Duration{1, 2, 5} {
		if m*unit <= d/5 {
			best = m * unit
		}
	}
	return best / step * step
}

// Steps of the settings, as the reader of a design demands them: see topology.
const (
	seconds      = time.Second           // adverts of version 2, track scripts, TTLs, timeouts of Squid
	centiseconds = 10 * time.Millisecond // adverts of version 3, and the shortest interval of a check
)

// electionLevers are the levers of a failover by VRRP.
func (d Predictor) electionLevers(m Moment) []Lever {
	a := d.Address
	if a == nil {
		return nil
	}
	switch {
	case m.Part == proxy.PartDetect && !m.Reported:
		return advertLevers(*a)
	case m.Part == proxy.PartDetect && a.Track != nil:
		return trackLevers(*a)
	case m.Part == proxy.PartDecide:
		return skewLevers(*a, m.Node)
	}
	return nil
}

// change changes the address of that name in a topology.
func change(name string, do func(*topology.Address)) func(*topology.Topology) {
	return func(t *topology.Topology) {
		for i := range t.Addresses {
			if t.Addresses[i].Name == name {
				do(&t.Addresses[i])
			}
		}
	}
}

// advertLevers shorten the advertisement interval. Version 2 counts it in seconds; below one second it takes version 3.
func advertLevers(a topology.Address) (all []Lever) {
	l := Lever{Waits: fmt.Sprintf("VRRP waiting for %d adverts", policy.DownAdverts), Now: "advert " + yamlfile.Span(a.Advert)}
	add := func(version int, step time.Duration, words string) {
		if v := shorter(a.Advert, step); v > 0 {
			l.Change = words + "advert " + yamlfile.Span(v)
			l.Apply = change(a.Name, func(a *topology.Address) { a.Version, a.Advert = version, v })
			all = append(all, l)
		}
	}
	if a.Version == 2 {
		add(2, seconds, "")
		add(3, centiseconds, "version 3 with ")
		return all
	}
	add(3, centiseconds, "")
	return all
}

// trackLevers shorten the detection by a track script, which keepalived starts every whole number of seconds.
func trackLevers(a topology.Address) (all []Lever) {
	c := a.Track.Check
	l := Lever{Waits: fmt.Sprintf("the track script of %s waiting for %s", a.Name, failedChecks(c.Fall)), Now: "track " + checkText(c)}
	if v := shorter(c.Interval, seconds); v > 0 {
		l.Change, l.Apply = "track interval "+yamlfile.Span(v), change(a.Name, func(a *topology.Address) { a.Track.Interval = v })
		all = append(all, l)
	}
	if c.Fall > 1 {
		l.Change, l.Apply = "track fall 1", change(a.Name, func(a *topology.Address) { a.Track.Fall = 1 })
		all = append(all, l)
	}
	return all
}

func checkText(c topology.Check) string {
	return fmt.Sprintf("interval %s, fall %d", yamlfile.Span(c.Interval), c.Fall)
}

// failedChecks words a number of failed checks.
func failedChecks(n int) string {
	if n == 1 {
		return "a failed check"
	}
	return fmt.Sprintf("%d failed checks in a row", n)
}

// skewLevers raise the priority of a backup to the one below that of the master: its skew is shorter.
func skewLevers(a topology.Address, backup string) []Lever {
	for i := 1; i < len(a.Members); i++ {
		was, is := a.Members[i].Priority, a.Members[i-1].Priority-1
		if a.Members[i].Node != backup || is <= was {
			continue
		}
		return []Lever{{
			Waits: "the skew of " + backup, Now: fmt.Sprintf("priority %d", was), Change: fmt.Sprintf("priority %d", is),
			Apply: change(a.Name, func(a *topology.Address) { a.Members[i].Priority = is }),
		}}
	}
	return nil
}

// eachService calls do with every service of a topology.
func eachService(t *topology.Topology, do func(*topology.Service)) {
	for i := range t.Nodes {
		for j := range t.Nodes[i].Services {
			do(&t.Nodes[i].Services[j])
		}
	}
}

// balancerLevers shorten the interval of the checks of all balancers that check alike.
func (d Predictor) balancerLevers(m Moment) []Lever {
	n, _ := d.Topology.Node(m.Node)
	s, ok := n.Balancer()
	if !ok || s.Balance.Passive != nil {
		return nil
	}
	c := s.Balance.Check
	return checkLevers("the balancer", c, m, func(t *topology.Topology, v time.Duration) {
		eachService(t, func(s *topology.Service) {
			if s.Balances() && s.Balance.Passive == nil && s.Balance.Check == c {
				s.Balance.Check.Interval = v
			}
		})
	})
}

// checkLevers shorten the interval of an active check; who checks.
func checkLevers(who string, c topology.Check, m Moment, set func(*topology.Topology, time.Duration)) []Lever {
	v := shorter(c.Interval, centiseconds)
	l := Lever{
		Now: "check " + checkText(c), Change: "check interval " + yamlfile.Span(v),
		Apply: func(t *topology.Topology) { set(t, v) },
	}
	switch {
	case v == 0:
		return nil
	case m.Part == proxy.PartDetect && m.Reported:
		l.Waits = who + " waiting for its next check to fail"
	case m.Part == proxy.PartDetect:
		l.Waits = who + " waiting for " + failedChecks(c.Fall)
	case m.Part == proxy.PartDecide && c.Fall == 2:
		l.Waits = who + " waiting for the second failed check"
	case m.Part == proxy.PartDecide:
		l.Waits = fmt.Sprintf("%s waiting for %d more failed checks", who, c.Fall-1)
	default:
		return nil
	}
	return []Lever{l}
}

// recordLevers shorten the detection by a DNS responder, or the TTL of its answers.
func (d Predictor) recordLevers(m Moment) []Lever {
	n, _ := d.Topology.Node(m.Node)
	s, ok := n.Responder()
	if !ok {
		return nil
	}
	each := func(t *topology.Topology, do func(*topology.Responder)) {
		eachService(t, func(other *topology.Service) {
			if other.Responds() && other.DNS.TTL == s.DNS.TTL && other.DNS.Check == s.DNS.Check {
				do(other.DNS)
			}
		})
	}
	if m.Part != proxy.PartClient {
		return checkLevers("the DNS responder", s.DNS.Check, m, func(t *topology.Topology, v time.Duration) {
			each(t, func(r *topology.Responder) { r.Check.Interval = v })
		})
	}
	v := max(shorter(s.DNS.TTL, seconds), seconds)
	return []Lever{{
		Waits: "users keeping the old DNS answer", Now: "ttl " + yamlfile.Span(s.DNS.TTL), Change: "ttl " + yamlfile.Span(v),
		Apply: func(t *topology.Topology) { each(t, func(r *topology.Responder) { r.TTL = v }) },
	}}
}

// parentLevers shorten the time after which a connection to a parent counts as failed.
func (d Predictor) parentLevers(m Moment) []Lever {
	n, _ := d.Topology.Node(m.Node)
	p := n.Parents()
	if p == nil || m.Part != proxy.PartDetect {
		return nil
	}
	was, v := *p, max(shorter(p.ConnectTimeout, seconds), seconds)
	return []Lever{{
		Waits: fmt.Sprintf("Squid waiting for %d connections to its parent", was.FailLimit), Now: "connect_timeout " + yamlfile.Span(was.ConnectTimeout),
		Change: "connect_timeout " + yamlfile.Span(v),
		Apply: func(t *topology.Topology) {
			eachService(t, func(s *topology.Service) {
				if s.Parents != nil && s.Parents.ConnectTimeout == was.ConnectTimeout && s.Parents.FailLimit == was.FailLimit {
					s.Parents.ConnectTimeout = v
				}
			})
		},
	}}
}
