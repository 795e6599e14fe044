package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
)

// Cost is what a request of a plan's shape costs a machine, as an earlier run on it has measured: the time that all its
// processors were busy over the baseline, by the requests that were due in it. What is spent whether or not there are
// requests (health checks) is in it.
type Cost struct {
	PerRequest time.Duration `json:"per_request_ns"`
	CPUs       int           `json:"cpus"`       // of the machine
	Rate       float64       `json:"rate_per_s"` // that it was measured at
	Day        string        `json:"day"`        // of the measurement, as 2006-01-02
}

// fullShare is the share of a machine's processors above which requests wait for each other: what is left serves bursts.
const fullShare = 0.8

// Demand says that the plan's load needs more than the machine has, all the time or after the failover that is predicted,
// when every user who still waits tries again within a second; nil: it has room.
func (p *Plan) Demand(c Cost) []scenarios.Warning {
	rate, cpus := p.Scenario.Load.Rate, float64(c.CPUs)
	peak := p.Scenario.Peak()
	each := c.PerRequest.Seconds()
	measured := fmt.Sprintf("at most %.2g ms a request, measured on this machine on %s at %g/s with all else that it did", 1e3*each, c.Day, c.Rate)
	warn := func(rest string, args ...any) []scenarios.Warning {
		return []scenarios.Warning{{At: []string{"load", "rate"}, What: fmt.Sprintf(rest, args...)}}
	}
	if need := peak * each; need > fullShare*cpus {
		return warn("%g/s need up to %.1f of %d processors (%s): requests may wait for this machine; make it %s",
			peak, need, c.CPUs, measured, scenarios.AtMost(rate*fullShare*cpus/need))
	}
	outage := p.outage()
	backlog := rate * outage.Seconds()
	if need := (rate + backlog) * each; outage > 0 && need > cpus {
		return warn("after a failover of %s the backlog of %.0f requests is tried again within a second, which needs up to %.1f of %d processors (%s): "+
			"latencies after it may be this machine's; make it %s", outage.Round(time.Millisecond), backlog, need, c.CPUs, measured, scenarios.AtMost(rate*cpus/need))
	}
	return nil
}

// outage is the longest that users wait for a failover as predicted; whoever waits longer than the timeout has given up.
func (p *Plan) outage() time.Duration {
	var longest time.Duration
	for _, f := range p.Faults {
		if q := f.Predicted; q != nil && !q.Never && !q.EventOnly {
			longest = max(longest, q.Hi)
		}
	}
	return min(longest, p.Scenario.Load.Timeout)
}

// Shape is what the cost of a request depends on: what runs in the lab, and what the requests are like. Plans of one shape
// cost about the same a request.
func (p *Plan) Shape() string {
	t, l := p.Topology, p.Scenario.Load
	parts := map[string]int{"origin": len(t.Origins), "users": len(t.Users), "wan": len(t.WAN)}
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			parts[string(s.Engine)]++
		}
	}
	for _, a := range t.Addresses {
		parts["vrrp"] += len(a.Members)
	}
	var words []string
	for _, name := range slices.SortedFunc(maps.Keys(parts), cmp.Compare[string]) {
		words = append(words, fmt.Sprintf("%d %s", parts[name], name))
	}
	text := fmt.Sprintf("%s; tls %g, new %g, %d bytes", strings.Join(words, ", "), l.TLSShare, l.NewShare, l.Body)
	if l.Objects != nil {
		text += fmt.Sprintf(", objects %d %g %g", l.Objects.Count, l.Objects.Zipf, l.Objects.Cacheable)
	}
	if l.Streams != nil {
		text += fmt.Sprintf(", streams %g %s", l.Streams.Share, l.Streams.Every)
	}
	return text
}
