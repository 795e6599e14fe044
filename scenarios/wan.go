package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Limits of what is done to a WAN link.
const (
	maxAdded  = 2 * time.Second        // the proof of a degradation takes up to three times that, and has 8 s
	minPeriod = 500 * time.Millisecond // a flip with its proof takes up to 200 ms
)

// readDegrade reads what a degradation is made of; it is made of something.
func readDegrade(o yamlfile.Object, f *Fault) {
	jitter, reset, after := o.Get("jitter"), o.Get("reset"), o.Get("reset_after")
	f.Latency = whole(o.Get("latency"), o.Get("latency").Duration(0, time.Millisecond, maxAdded))
	f.Jitter = jitter.Duration(0, 0, maxAdded)
	f.Bandwidth = o.Get("bandwidth").BitRate(0, topology.MinBandwidth, topology.MaxBandwidth)
	if reset.Present() {
		f.Reset = reset.Ratio(1) // a bad one has been said
	}
	f.ResetAfter = whole(after, after.Duration(0, 0, maxAdded))
	f.SlowClose = o.Get("slow_close").Duration(0, time.Millisecond, maxAdded)
	if f.Jitter > f.Latency {
		jitter.Problemf("the jitter, %s, is more than the latency it varies, %s", span(f.Jitter), span(f.Latency))
	}
	if reset.Present() && f.Reset < 0.01 {
		reset.Problemf("so few resets cannot be proven; want at least 1%%")
	}
	if after.Present() && !reset.Present() {
		after.Problemf("reset_after says when connections are reset, and reset says how many; want reset too")
	}
	if !slices.ContainsFunc([]string{"latency", "bandwidth", "reset", "slow_close"}, func(key string) bool { return o.Get(key).Present() }) {
		o.Require("kind").Problemf("%s with nothing degraded; want latency, bandwidth, reset or slow_close", proxy.WANDegrade)
	}
}

// completeDegrade refuses a bandwidth in whose place the link has no more by itself.
func (d predictor) completeDegrade(f *PlannedFault) error {
	for _, c := range f.Candidates {
		if l, ok := d.Topology.Link(c.Node); ok && l.Bandwidth > 0 && f.Bandwidth >= l.Bandwidth {
			return fmt.Errorf("a bandwidth of %s degrades no link that carries %s by itself, as %s does; want less",
				yamlfile.BitRateText(f.Bandwidth), yamlfile.BitRateText(l.Bandwidth), l.Name)
		}
	}
	return nil
}

// whole holds that a time is in the milliseconds that Toxiproxy knows.
func whole(v yamlfile.Value, d time.Duration) time.Duration {
	if d%time.Millisecond != 0 {
		v.Problemf("a WAN link knows whole milliseconds, got %s", span(d))
	}
	return d
}

// readFlap reads how a link is lost, and how often.
func readFlap(o yamlfile.Object, f *Fault) {
	f.Mode = o.Get("mode").OneOf(ModeCut, ModeCut, ModeSilent)
	f.Period = o.Require("period").Duration(0, minPeriod, time.Hour)
}

// predictLink is for the loss of WAN links, which only checks see that go through the forward proxies to the origin.
func (d predictor) predictLink(f PlannedFault) *Prediction {
	if lost := f.nodes(); !slices.ContainsFunc(lost, d.carries) {
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
func (d predictor) predictDetour(f PlannedFault) *Prediction {
	lost := f.nodes()
	left := slices.ContainsFunc(d.AllServers(), func(server string) bool {
		return slices.ContainsFunc(d.Topology.LinksOf(server), func(l string) bool { return !slices.Contains(lost, l) })
	})
	if !left {
		return never("no server behind the balancer has another link")
	}
	failure, seen := policy.Refused, "the proxy's own error"
	if f.Mode == ModeSilent {
		failure, seen = policy.Frozen, "no answer"
	}
	then := "the connections over the lost link are closed and the users' next ones take another"
	if !d.Balance.ShutdownSessions {
		then = "new connections take another link, and kept ones stay with the lost one (on_marked_down: none)"
	}
	return detection("balancer, through the proxy to the origin", balancerTimers(*d.Balance), failure, seen, "This bounds its detection; then "+then)
}
