package predict

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology"
)

// predictLink predicts for the loss of WAN links. Only checks through the forward proxies to the origin detect it.
func (d Predictor) predictLink(f fault.Planned) *Prediction {
	if lost := f.Nodes(); !slices.ContainsFunc(lost, d.carries) {
		return quiet("no request of the users passes %s", strings.Join(lost, ", "))
	}
	if d.carriedThrough() {
		return d.predictParentLink(f)
	}
	if d.Balance == nil && len(d.Holders()) > 1 && len(d.ServingLinks()) > 1 {
		return open("the holder of the address decides which link serves")
	}
	if d.Address != nil && d.Address.Track != nil && d.Address.Track.Kind == topology.CheckOrigin {
		return open("the address may move, and the timers alone do not say to which node")
	}
	if d.DNS != nil && d.DNS.Check.Kind == topology.CheckOrigin && len(d.Topology.WAN) > 1 {
		return open("the DNS server detects the loss, but some users keep the old address")
	}
	if d.Balance != nil && d.Balance.Check.Kind == topology.CheckOrigin {
		return d.predictDetour(f)
	}
	if len(d.Topology.WAN) == 1 {
		return never("%s is the only WAN link", d.Topology.WAN[0].Name)
	}
	return never("no health check goes through the forward proxies to the origin, so every proxy stays in service")
}

// predictDetour predicts for a balancer whose checks detect the loss of a server's link. A forward proxy with a cut link answers with an
// error at once; on a silent link the check waits for its own timeout. The interval bounds only the detection.
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
	return d.eachBalancer(func(v Predictor) *Prediction { return v.detoured(failure, seen) })
}

// detoured predicts when a balancer detects the loss of the link behind a server.
func (d Predictor) detoured(failure policy.Failure, seen string) *Prediction {
	then := "the balancer closes the connections over the lost link, and the next ones take another link"
	if !d.Balance.ShutdownSessions {
		then = "new connections take another link, and kept ones stay on the lost link (on_marked_down: none)"
	}
	return detection("balancer, through the proxy to the origin", BalancerTimers(*d.Balance), failure, seen, "This bounds its detection; then "+then)
}
