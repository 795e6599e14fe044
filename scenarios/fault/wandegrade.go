package fault

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var wanDegrade = Kind{
	Name:    proxy.WANDegrade,
	About:   "a WAN link gets worse; at least one of latency, bandwidth, reset and slow_close is set",
	Section: OfPath,
	Roles:   []string{target.RoleWAN},
	Parameters: []Parameter{
		{"latency", spans(time.Millisecond, maxAdded) + ", whole milliseconds", "0s", "added to each answer", "150ms"},
		{"jitter", "0 s to the latency", "0s", "the latency varies by so much either way", "50ms"},
		{"bandwidth", between(yamlfile.BitRateText(topology.MinBandwidth), yamlfile.BitRateText(topology.MaxBandwidth)) + ", less than the link's own", "the link's own",
			"for each direction, shared by all connections of the link", "8Mbit/s"},
		{"reset", "1 % to 100 %", "0%", "share of the connections that are reset", "5%"},
		{"reset_after", spans(0, maxAdded) + ", whole milliseconds; with reset", "0s", "time from a connection's first answer to its reset", "100ms"},
		{"slow_close", spans(time.Millisecond, maxAdded), "0s", "time from the end of one side of a connection until the other side hears of it", "500ms"},
	},
	read:        readDegrade,
	complete:    completeDegrade,
	Unpredicted: "what users make of a link that gets worse is for them to show: no timer is about it",
	Docker:      Fidelity{Emulated, "own toxics in Toxiproxy for latency and a bandwidth that all connections of the link share; its own for resets, which close what was open before"},
	Local:       Fidelity{Emulated, "own toxics in Toxiproxy for latency and a bandwidth that all connections of the link share; its own for resets, which close what was open before"},
}

// maxAdded bounds what is done to a WAN link: the proof of a degradation takes up to three times that, and has 8 s.
const maxAdded = 2 * time.Second

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
		jitter.Problemf("the jitter, %s, is more than the latency it varies, %s", yamlfile.Span(f.Jitter), yamlfile.Span(f.Latency))
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
func completeDegrade(d design.View, f *Planned) error {
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
		v.Problemf("a WAN link knows whole milliseconds, got %s", yamlfile.Span(d))
	}
	return d
}
