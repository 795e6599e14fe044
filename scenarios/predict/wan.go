package predict

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology"
)

// predictLink is for the loss of WAN links, which only checks see that go through the forward proxies to the origin.
func (d Predictor) predictLink(f fault.Planned) *Prediction {
	if lost := f.Nodes(); !slices.ContainsFunc(lost, d.carries) {
		return quiet("no user is served over %s", strings.Join(lost, ", "))
	}
	if d.carriedThrough() {
		return d.predictParentLink(f)
	}
	if d.Balance == nil && len(d.Holders()) > 1 && len(d.ServingLinks()) > 1 {
		return open("which link serves depends on who holds the address")
	}
	if d.Address != nil && d.Address.Track != nil && d.Address.Track.Kind == topology.CheckOrigin {
		return open("the address may move for it, to whom the timers alone do not tell")
	}
	if d.DNS != nil && d.DNS.Check.Kind == topology.CheckOrigin && len(d.Topology.WAN) > 1 {
		return open("the responder sees it, and some users keep the address that they have")
	}
	if d.Balance != nil && d.Balance.Check.Kind == topology.CheckOrigin {
		return d.predictDetour(f)
	}
	if len(d.Topology.WAN) == 1 {
		return never("%s is the only WAN link", d.Topology.WAN[0].Name)
	}
	return never("no health check looks beyond the forward proxies, so that none leaves its link")
}

// predictDetour is for a balancer whose checks see that a server's link is lost. A forward proxy whose link is cut answers
// at once that it is; over a silent one the check waits for its own timeout. The interval bounds the detection alone.
func (d Predictor) predictDetour(f fault.Planned) *Prediction {
	lost := f.Nodes()
	left := slices.ContainsFunc(d.AllServers(), func(server string) bool {
		return slices.ContainsFunc(d.Topology.LinksOf(server), func(l string) bool { return !slices.Contains(lost, l) })
	})
	if !left {
		return never("no server behind the balancer has another link")
	}
	failure, seen := policy.Refused, "the proxy's own error"
	if f.Mode == fault.ModeSilent {
		failure, seen = policy.Frozen, "no answer"
	}
	then := "the connections over the lost link are closed and the users' next ones take another"
	if !d.Balance.ShutdownSessions {
		then = "new connections take another link, and kept ones stay with the lost one (on_marked_down: none)"
	}
	return detection("balancer, through the proxy to the origin", BalancerTimers(*d.Balance), failure, seen, "This bounds its detection; then "+then)
}
