package scenarios

import (
	"fmt"
	"slices"
	"time"

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
		o.Require("kind").Problemf("%s with nothing degraded; want latency, bandwidth, reset or slow_close", WANDegrade)
	}
}

// completeDegrade refuses a bandwidth in whose place the link has no more by itself.
func (d design) completeDegrade(f *PlannedFault) error {
	for _, c := range f.Candidates {
		if l, ok := d.t.Link(c.Node); ok && l.Bandwidth > 0 && f.Bandwidth >= l.Bandwidth {
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
