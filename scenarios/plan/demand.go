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

// Cost is the processor time of a request on a machine, as an earlier run of a plan of the same shape has measured it: the time that
// all processors were busy in the baseline, divided by the requests that were due. It includes work without requests (health checks).
type Cost struct {
	PerRequest time.Duration `json:"per_request_ns"`
	CPUs       int           `json:"cpus"`       // of the machine
	Rate       float64       `json:"rate_per_s"` // of the measurement
	Day        string        `json:"day"`        // of the measurement, as 2006-01-02
}

// fullShare is the share of a machine's processors that a load may use. The rest is for bursts; above it requests queue.
const fullShare = 0.8

// Demand warns of a load that needs more processors than the machine has: at its peak, or after the predicted failover, when every
// user who waits tries again within a second. Nil: the machine has enough.
func (p *Plan) Demand(c Cost) []scenarios.Warning {
	rate, cpus := p.Scenario.Load.Rate, float64(c.CPUs)
	peak := p.Scenario.Peak()
	each := c.PerRequest.Seconds()
	measured := fmt.Sprintf("at most %.2g ms a request, measured on this machine on %s at %g/s, with everything else that it ran", 1e3*each, c.Day, c.Rate)
	warn := func(code, format string, args ...any) []scenarios.Warning {
		return []scenarios.Warning{{Code: code, At: []string{"load", "rate"}, What: fmt.Sprintf(format, args...)}}
	}
	if need := peak * each; need > fullShare*cpus {
		return warn("machine-too-small", "%g/s need up to %.1f of %d processors (%s): requests may wait for processors; make it %s",
			peak, need, c.CPUs, measured, scenarios.AtMost(rate*fullShare*cpus/need))
	}
	outage := p.outage()
	backlog := rate * outage.Seconds()
	if need := (rate + backlog) * each; outage > 0 && need > cpus {
		return warn("machine-too-small", "after a failover of %s the backlog of %.0f requests is sent again within a second, which needs up to %.1f of %d processors (%s): "+
			"this machine may limit the latency after it; make it %s", outage.Round(time.Millisecond), backlog, need, c.CPUs, measured, scenarios.AtMost(rate*cpus/need))
	}
	return nil
}

// outage is the longest predicted failover, at most the timeout of a request.
func (p *Plan) outage() time.Duration {
	var longest time.Duration
	for _, f := range p.Faults {
		if q := f.Predicted; q != nil && !q.Never && !q.EventOnly {
			longest = max(longest, q.Hi)
		}
	}
	return min(longest, p.Scenario.Load.Timeout)
}

// Shape names what the cost of a request depends on: the processes of the lab and the kind of requests. Plans of one shape have about
// the same cost per request.
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
