package predict

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/proxy/stub"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology"
)

// predictDNS predicts for the loss of DNS servers. Users keep an answer until its TTL has expired.
func (d Predictor) predictDNS(f fault.Planned) *Prediction {
	if d.Asked == nil {
		return quiet("users ask no DNS server")
	}
	struck := f.Nodes()
	if silent(f) && slices.ContainsFunc(d.Carriers, func(c topology.Component) bool { return slices.Contains(struck, c.Node) }) || !d.strikesResponders(f) {
		return open("the fault strikes a proxy together with the DNS server, or another service on the node of the DNS server")
	}
	if !d.Asked.Rotate && !slices.Contains(struck, d.Asked.Servers[0]) {
		return quiet("users ask %s first, and it answers", d.Asked.Servers[0])
	}
	if !slices.ContainsFunc(d.Asked.Servers, func(s string) bool { return !slices.Contains(struck, s) }) {
		ttl := round(d.DNS.TTL)
		return never("each user keeps its answer for the rest of its TTL, uniform in 0 to %s; users ask no other server, so that from %s on "+
			"none has an address", ttl, ttl)
	}
	if f.Kind == fault.Crash || f.Kind == fault.DNSFailure && f.Mode != fault.ModeSilent {
		return quiet("users ask the next server at once")
	}
	return d.predictMute(struck)
}

// predictMute predicts an outage only for at least clearResolvers, so that no single phase matters, and for at least clearTimes as many
// late requests as service allows.
const (
	clearResolvers = 20
	clearTimes     = 10
)

// predictMute predicts for DNS servers that do not answer while another does. Every new answer waits for their timeouts, because a
// stub resolver does not remember a silent server. Within the users' patience that is no outage. Beyond it there is no service if too
// many requests are late in the first window of the measure, which has the fewest late ones.
func (d Predictor) predictMute(struck []string) *Prediction {
	r := stub.Resolver{Servers: d.Asked.Servers, Timeout: d.Asked.Timeout, Attempts: d.Asked.Attempts}
	begins := r.Servers[:1]
	if d.Asked.Rotate {
		begins = r.Servers
	}
	limit := d.load.Patience
	var worst time.Duration
	late := 0.0
	for first := range begins {
		var wait time.Duration
		for i := first; slices.Contains(struck, r.Servers[i]); i = (i + 1) % len(r.Servers) {
			wait += r.Wait(i)
		}
		worst = max(worst, wait)
		late += d.lateShare(wait, limit) / float64(len(begins))
	}
	room := 1 - d.measure.Theta
	text := fmt.Sprintf("each new answer waits for the timeouts of the silent servers that are asked first, up to %s, once in each TTL of %s",
		round(worst), round(d.DNS.TTL))
	switch {
	case worst < limit:
		return quiet("%s; that is within the patience of %s", text, round(limit))
	case d.resolvers() < clearResolvers || late < clearTimes*room:
		return open("%s, at each user's own times", text)
	}
	return never("%s; within the first %s %.0f %% of the requests are later than the patience of %s, and service allows %.0f %%",
		text, round(d.measure.Window), 100*late, round(limit), 100*room)
}

// lateShare is the share of requests in the first window of the measure that are later than limit, if a new answer takes wait. Of a
// resolver's requests these are the first one after the answer has expired, which asks for a new one, and those during its wait.
func (d Predictor) lateShare(wait, limit time.Duration) float64 {
	window := d.measure.Window.Seconds()
	late := min(max((wait-limit).Seconds(), 0), window)
	if late == 0 {
		return 0
	}
	all := 0
	for _, g := range d.Topology.Users {
		all += g.Count
	}
	between := float64(all) / float64(d.Users) * float64(d.resolvers()) / d.load.Rate // two requests to one resolver, s
	return (between + late - late*late/(2*window)) / max(d.DNS.TTL.Seconds()+between, window)
}

// resolvers is the number of resolvers of the largest group.
func (d Predictor) resolvers() int {
	if d.Asked.Caches > 0 {
		return d.Asked.Caches
	}
	return d.Users
}

// strikesResponders reports whether the fault strikes DNS servers, and no other service of their nodes.
func (d Predictor) strikesResponders(f fault.Planned) bool {
	return !slices.ContainsFunc(f.Candidates, func(c fault.Candidate) bool {
		n, _ := d.Topology.Node(c.Node)
		s, ok := n.Responder()
		return !silent(f) && (!ok || c.Service != s.Name)
	})
}

// predictRecords predicts for the loss of nodes that a name resolves to: the check of the DNS server detects it, and users get the new
// answer when the TTL of their old one has expired.
func (d Predictor) predictRecords(f fault.Planned) *Prediction {
	if f.Takes(d.Members) {
		return never("%s resolves to no other node", d.DNS.Host())
	}
	failure := failures[f.Kind]
	c := CheckTimers(d.DNS.Check)
	c.Connect = c.Timeout // the timeout bounds the whole check
	switch {
	case d.Asked.Next && failure == policy.Refused:
		return quiet("the node refuses the connection, and users try the next address within the same request")
	case !c.Sees(failure):
		return never("a %s check still connects to a frozen process, so its record stays", d.DNS.Check.Kind)
	case d.Asked.Next && failure == policy.Blackholed && d.Asked.ConnectTimeout > 0 && d.Asked.ConnectTimeout < d.load.Patience:
		return open("a new connection tries the next address within the patience, but a kept connection to the silent node waits for the user's timeout")
	}
	down := c.BalancerDown(failure)
	b := policy.Bounds{Lo: down.Lo, Hi: down.Hi + d.DNS.TTL}
	note := ""
	if d.spared(len(f.Nodes())) {
		b.Lo, note = 0, "; no outage if no resolver has the address"
	}
	return &Prediction{
		Lo: b.Lo, Hi: b.Hi, Event: string(proxy.EventRecord),
		Text: fmt.Sprintf("responder: phase + T_fail + (fall-1) x (I + T_fail), phase 0 to %s, T_fail %s (%s), fall %d, I %s: %s; "+
			"+ the rest of the TTL of the last user with the address, 0 to %s: %s%s",
			c.Interval, c.BalancerFail(failure), failure, c.Fall, c.Interval, interval(down), round(d.DNS.TTL), interval(b), note),
	}
}

// predictNotice predicts for nodes whose records are withdrawn because their chassis report a problem. Until they die they serve the
// users who still have the address. Why is the state of the chassis.
func (d Predictor) predictNotice(c course, at time.Duration, struck int, why string) *Prediction {
	gone := at + proxy.AgentInterval + d.DNS.TTL
	text := fmt.Sprintf("the responder asks the chassis every %s and withdraws the record (%s after %s); the last user with the address "+
		"leaves after the TTL of %s, by %s", proxy.AgentInterval, why, round(at), round(d.DNS.TTL), round(gone))
	switch {
	case c.never || gone < c.dies:
		return quiet("%s, while the node still serves", text)
	case d.Asked.Next || d.spared(struck) || gone-c.dies < d.measure.Window:
		return open("few users have the address when the node dies, or only for a short time, so chance decides whether service is lost")
	}
	return &Prediction{Lo: c.dies, Hi: gone, Text: fmt.Sprintf("%s; the node shuts down after %s, and users who still have the address "+
		"then have no service until they leave: %s to %s", text, round(c.dies), round(c.dies), round(gone))}
}

// spared reports whether, in more than one case of a thousand, no resolver has the address of any of so many struck records.
func (d Predictor) spared(struck int) bool {
	const unlikely = 0.001
	return math.Pow(1-float64(struck)/float64(len(d.Members)), float64(d.resolvers())) > unlikely
}
