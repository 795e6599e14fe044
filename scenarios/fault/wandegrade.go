package fault

import (
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const WANDegrade proxy.FaultKind = "wan-degrade"

var wanDegrade = Kind{
	Name:    WANDegrade,
	About:   "a WAN link degrades; at least one of latency, bandwidth, reset and slow_close is set",
	Section: OfPath,
	Roles:   []string{target.RoleWAN},
	Parameters: []Parameter{
		{"latency", spans(time.Millisecond, maxAdded) + ", whole milliseconds", "0s", "added to each answer", "150ms"},
		{"jitter", "0 s to the latency", "0s", "the latency varies by up to this, up and down", "50ms"},
		{"bandwidth", between(yamlfile.BitRateText(topology.MinBandwidth), yamlfile.BitRateText(topology.MaxBandwidth)) + ", less than the link's own", "the link's own",
			"for each direction, shared by all connections of the link", "8Mbit/s"},
		{"reset", "1 % to 100 %", "0%", "share of the connections that are reset", "5%"},
		{"reset_after", spans(0, maxAdded) + ", whole milliseconds; with reset", "0s", "time from a connection's first answer to its reset", "100ms"},
		{"slow_close", spans(time.Millisecond, maxAdded), "0s", "time from the close of one side of a connection until the other side sees it", "500ms"},
	},
	read:        readDegrade,
	complete:    completeDegrade,
	Became:      "degraded",
	Executor:    agent.WANDegrade,
	Unpredicted: "no timer bounds the effect of a degraded link on users",
	Docker:      Fidelity{Emulated, "Toxiproxy: toxics of spof add the latency and limit the bandwidth that all connections of the link share; Toxiproxy's own toxic resets, and closes the connections that were open before"},
	Local:       Fidelity{Emulated, "Toxiproxy: toxics of spof add the latency and limit the bandwidth that all connections of the link share; Toxiproxy's own toxic resets, and closes the connections that were open before"},
}

// maxAdded bounds the times of a degradation. Its proof takes up to three times as long, and has 8 s.
const maxAdded = 2 * time.Second

// readDegrade reads the parts of a degradation: at least one.
func readDegrade(o yamlfile.Object, f *Fault) {
	jitter, reset, after := o.Get("jitter"), o.Get("reset"), o.Get("reset_after")
	f.Latency = whole(o.Get("latency"), o.Get("latency").Duration(0, time.Millisecond, maxAdded))
	f.Jitter = jitter.Duration(0, 0, maxAdded)
	f.Bandwidth = o.Get("bandwidth").BitRate(0, topology.MinBandwidth, topology.MaxBandwidth)
	if reset.Present() {
		f.Reset = reset.Ratio(1) // 1 also for a share that Ratio has refused
	}
	f.ResetAfter = whole(after, after.Duration(0, 0, maxAdded))
	f.SlowClose = o.Get("slow_close").Duration(0, time.Millisecond, maxAdded)
	if f.Jitter > f.Latency {
		jitter.Refuse("jitter-above-latency", "the jitter, %s, is more than the latency, %s", yamlfile.Span(f.Jitter), yamlfile.Span(f.Latency))
	}
	if reset.Present() && f.Reset < 0.01 {
		reset.Refuse("reset-too-rare", "a share below 1%% cannot be proven; want at least 1%%")
	}
	if after.Present() && !reset.Present() {
		after.Refuse("missing-reset", "reset_after needs reset, the share of connections that are reset")
	}
	if !slices.ContainsFunc([]string{"latency", "bandwidth", "reset", "slow_close"}, func(key string) bool { return o.Get(key).Present() }) {
		o.Require("kind").Refuse("nothing-degraded", "%s degrades nothing; want latency, bandwidth, reset or slow_close", WANDegrade)
	}
}

// completeDegrade refuses a bandwidth that is not below the link's own.
func completeDegrade(d design.View, f *Planned) error {
	for _, c := range f.Candidates {
		if l, ok := d.Topology.Link(c.Node); ok && l.Bandwidth > 0 && f.Bandwidth >= l.Bandwidth {
			return reason.Errorf("bandwidth-not-less", "a bandwidth of %s does not degrade %s, whose own bandwidth is %s; want less",
				yamlfile.BitRateText(f.Bandwidth), l.Name, yamlfile.BitRateText(l.Bandwidth))
		}
	}
	return nil
}

// whole refuses a time that is not in whole milliseconds, the resolution of Toxiproxy.
func whole(v yamlfile.Value, d time.Duration) time.Duration {
	if d%time.Millisecond != 0 {
		v.Refuse("not-whole-milliseconds", "want whole milliseconds, got %s", yamlfile.Span(d))
	}
	return d
}
