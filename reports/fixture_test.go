package reports

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
)

// The sample run: 10 trials of node-death on three designs, 200 requests/s from 50 users, 37 s of load per trial.
const (
	rate      = 200.0
	users     = 50
	endMS     = 37000.0
	faultMS   = 8000.0
	repairMS  = 24000.0
	patience  = 1000.0
	timeoutMS = 3000.0
)

// design is a sample topology with its behaviour under the fault.
type design struct {
	name, target, sentence string
	reasons, spof          []string
	verdict                analyze.Verdict
	outage                 func(phase float64) float64 // ms; negative: never
	lossy                  float64                     // share of requests that fail during the outage
	failback               float64
	predicted              *analyze.Predicted
	events                 func(effect, back float64) []analyze.TimelineEvent
}

var designs = []design{
	{
		name: "single", target: "proxy-a", verdict: analyze.Fail, lossy: 1, failback: 210,
		sentence: "no mechanism ended the outage: service was back 16.6 s after the fault, with the repair (proxy-a dark at 8.03 s; repair begins at 24.00 s; users back at 24.60 s)",
		reasons:  []string{"no mechanism ended the outage: service was back 16.6 s after the fault, with the repair", "lost ratio 93.3 % > 35 % (trial 0; 10 of 10 trials: 0-9)"},
		spof:     []string{"node proxy-a", "link wan"},
		outage:   func(float64) float64 { return -1 },
		predicted: &analyze.Predicted{
			Text: "no other path avoids proxy-a: service returns with the repair",
		},
		events: func(effect, _ float64) []analyze.TimelineEvent {
			return []analyze.TimelineEvent{
				{AtMS: effect, Kind: "fault-effect", Label: "proxy-a dark: links down, squid killed"},
				{AtMS: repairMS, Kind: "recover-effect", Label: "proxy-a has power again"},
				{AtMS: repairMS + 480, Kind: "service-ready", Label: "squid listens on proxy-a"},
			}
		},
	},
	{
		name: "active-passive", target: "proxy-a", verdict: analyze.Pass, lossy: 1, failback: 38,
		sentence: "failover 3.09 s (median of 10, 2.74–3.43 s at 95 %; each ± 8.0 ms), 66.1 % of requests lost or late meanwhile; predicted 2.61–3.61 s: 10/10 inside",
		spof:     []string{"link wan"},
		outage:   func(phase float64) float64 { return 3609 - phase + 24 },
		predicted: &analyze.Predicted{
			Lo: 2609, Hi: 3609, Event: "vrrp", Text: "3 x 1 s advertisements + skew (256-100)/256 s - phase in [0, 1 s)",
		},
		events: func(effect, back float64) []analyze.TimelineEvent {
			return []analyze.TimelineEvent{
				{AtMS: effect, Kind: "fault-effect", Label: "proxy-a dark: links down, squid and keepalived killed"},
				{AtMS: effect + back - 22, Kind: "vrrp", Label: "proxy-b MASTER of vip"},
				{AtMS: repairMS, Kind: "recover-effect", Label: "proxy-a has power again"},
				{AtMS: repairMS + 510, Kind: "service-ready", Label: "squid listens on proxy-a"},
				{AtMS: repairMS + 650, Kind: "vrrp", Label: "proxy-a BACKUP of vip"},
				{AtMS: repairMS + 1310, Kind: "vrrp", Label: "proxy-a MASTER of vip"},
				{AtMS: repairMS + 1330, Kind: "vrrp", Label: "proxy-b BACKUP of vip"},
			}
		},
	},
	{
		name: "active-active", target: "squid-2", verdict: analyze.Inconclusive, lossy: .33, failback: 0,
		sentence: "inconclusive: trial 7: p99 send lateness 812 µs is above a tenth of the resolution",
		reasons:  []string{"trial 7: p99 send lateness 812 µs is above a tenth of the resolution"},
		spof:     nil,
		outage:   func(phase float64) float64 { return 900 + 0.8*phase },
		predicted: &analyze.Predicted{
			Lo: 800, Hi: 1800, Event: "server-down", EventOnly: true, Text: "phase in [0, 500 ms) + fall 3 checks of 500 ms, each timing out after 300 ms",
		},
		events: func(effect, back float64) []analyze.TimelineEvent {
			return []analyze.TimelineEvent{
				{AtMS: effect, Kind: "fault-effect", Label: "squid-2 dark: links down, squid killed"},
				{AtMS: effect + back - 90, Kind: "server-down", Label: "lb-a takes squid-2 out"},
				{AtMS: effect + back - 12, Kind: "server-down", Label: "lb-b takes squid-2 out"},
				{AtMS: repairMS, Kind: "recover-effect", Label: "squid-2 has power again"},
				{AtMS: repairMS + 470, Kind: "service-ready", Label: "squid listens on squid-2"},
				{AtMS: repairMS + 1210, Kind: "server-up", Label: "lb-a takes squid-2 in"},
				{AtMS: repairMS + 1420, Kind: "server-up", Label: "lb-b takes squid-2 in"},
			}
		},
	},
}

// sampleRun generates a run of n trials per design. The same n gives the same run.
func sampleRun(n int) (*analyze.Report, []analyze.Timeline) {
	rep := &analyze.Report{
		Schema: "spof/report/v1", Verdict: analyze.Fail, Seed: 42, Started: time.Date(2026, 3, 14, 1, 59, 26, 0, time.UTC), Version: "v0.1.0",
		Command: fmt.Sprintf("spof run node-death -t single,active-passive,active-active --runtime docker -n %d --seed 42", n),
	}
	var timelines []analyze.Timeline
	for i, d := range designs {
		rng := rand.New(rand.NewPCG(42, uint64(i)))
		c := analyze.Cell{
			Topology: d.name, Scenario: "node-death", Runtime: "docker", Verdict: d.verdict, Reasons: d.reasons, Sentence: d.sentence,
			PlanHash: "9f2c51d07ab3", SPOF: d.spof, LabUpMS: 1840, MechanismsMS: 3720, RangeCovered: float64(n-1) / float64(n),
			Fidelity: []analyze.Fidelity{
				{What: "power-loss", Level: "real", How: "links of the node's namespace down, then every process killed"},
				{What: "vrrp", Level: "real", How: "keepalived, unicast"},
				{What: "wan", Level: "emulated", How: "Toxiproxy in a gateway node: latency per answer, no loss of packets"},
			},
		}
		for t := range n {
			phase := 1000 * (float64(t) + rng.Float64()) / float64(n)
			tl := sampleTimeline(d, t, phase, rng)
			c.Trials = append(c.Trials, sampleTrial(d, &tl, phase))
			timelines = append(timelines, tl)
		}
		if d.name == "active-passive" {
			c.Waits = "2.90 of 2.94 s is VRRP waiting for 3 adverts (advert 1s); version 3 with advert 200ms would make the failover 522–722 ms (trial 4, the median)"
		}
		c.Summary = analyze.Summaries(c.Trials)
		c.Bounds = analyze.BoundsOf([]scenarios.Expectation{
			{Measure: "failover", Op: "<=", Value: 5000, Text: "<= 5s"},
			{Measure: "lost_ratio", Op: "<=", Value: 0.35, Text: "<= 35%"},
		}, c.Trials)
		rep.Cells = append(rep.Cells, c)
	}
	return rep, timelines
}

// sampleTimeline generates the requests of one trial and counts them as the analysis does.
func sampleTimeline(d design, trial int, phase float64, rng *rand.Rand) analyze.Timeline {
	effect := faultMS + phase
	back := d.outage(phase)
	tl := analyze.Timeline{
		Topology: d.name, Scenario: "node-death", Trial: trial, EndMS: endMS, BinMS: 100, PatienceMS: patience, TimeoutMS: timeoutMS,
		Bands:  []analyze.Band{{FromMS: effect, ToMS: repairMS, Label: "power-loss of " + d.target}},
		Events: d.events(effect, back), Bins: make([]analyze.Bin, int(endMS/100)),
	}
	end := effect + back
	if back < 0 {
		end = repairMS + 600
	}
	tl.FailoverAtMS = &end
	for i := range tl.Bins {
		tl.Bins[i].AtMS = 100 * float64(i)
	}
	tl.Machine, tl.MachineBinMS = sampleMachine(effect, end), 100
	for i := range int(endMS / 1000 * rate) {
		at := float64(i) * 1000 / rate
		p := analyze.Point{AtMS: at, Outcome: "ok", Tunnel: i%4 == 0, LatencyMS: 2.4 * math.Exp(0.35*rng.NormFloat64())}
		if rng.Float64() < .01 {
			p.LatencyMS *= 6
		}
		out := at > effect && at < end && rng.Float64() < d.lossy
		second := d.failback > 0 && at > repairMS+1310 && at < repairMS+1310+d.failback
		if out || second {
			fail(&p, at-effect, end-at, rng)
		}
		b := &tl.Bins[int(at/100)]
		b.Offered++
		switch {
		case p.Outcome != "ok":
			b.Failed++
		case p.LatencyMS <= patience:
			b.Good++
		}
		tl.Points = append(tl.Points, p)
	}
	return tl
}

// sampleMachine generates the load of a machine: half busy, idle during the outage, and overloaded with stolen time for one second after
// service is back.
func sampleMachine(effect, back float64) []analyze.MachineBin {
	bins := make([]analyze.MachineBin, int(endMS/100))
	for i := range bins {
		at := 100 * float64(i)
		b := analyze.MachineBin{AtMS: at, Busy: .5 + .05*float64(i%3), Pressure: .1, WaitedMS: float64(i % 4)}
		switch {
		case at >= effect && at < back:
			b.Busy, b.Pressure, b.WaitedMS = .1+.05*float64(i%2), 0, .2
		case at >= back && at < back+1200:
			b.Busy, b.Stolen, b.Pressure, b.WaitedMS = .85, .05*float64(i%4), .9, 30+4*float64(i%7)
		}
		bins[i] = b
	}
	return bins
}

// fail sets the outcome of a request in the outage: a timeout at first, later no route, and a late answer if service is back before the
// timeout.
func fail(p *analyze.Point, since, left float64, rng *rand.Rand) {
	switch {
	case since < 10:
		p.Outcome, p.LatencyMS = "reset", 8
	case left < timeoutMS-500 && rng.Float64() < .5:
		p.LatencyMS = left + 40*rng.Float64() // a SYN sent again
	case since > 3050 && rng.Float64() < .5:
		p.Outcome, p.LatencyMS = "unreachable", 900*rng.Float64()+50
	default:
		p.Outcome, p.LatencyMS = "timeout", timeoutMS
	}
}

// sampleTrial computes approximate measures of a timeline.
func sampleTrial(d design, tl *analyze.Timeline, phase float64) analyze.Trial {
	effect := tl.Bands[0].FromMS
	t := analyze.Trial{
		Ranges: map[string]analyze.Range{}, Trial: tl.Trial, PhaseMS: phase, Target: d.target, ResolutionMS: 1000 / rate, Users: users, UsersNoticed: users,
		QMin: 1, QSteady: 1, SendLatenessP99US: 184, EffectDelayMS: 6.4, EffectUncertainty: .41, Verdict: d.verdict,
		New: analyze.Connections{Offered: 800}, Reused: analyze.Connections{Offered: 2400}, InFlight: 3, InFlightLost: 3, TunnelsBroken: 12,
		Outcomes: map[string]int{}, FailbackMS: &d.failback,
		Latency: analyze.Latencies{Before: analyze.Quantiles{N: 1400, P50: 2.4, P99: 14.2}, During: analyze.Quantiles{N: 2200, P50: 2.5, P99: 15.8}},
	}
	if d.verdict == analyze.Inconclusive && tl.Trial != 7 {
		t.Verdict = analyze.Pass
	}
	t.Story = fmt.Sprintf("%s dark at %.2f s; users back at %.2f s", d.target, effect/1000, (effect+max(d.outage(phase), 0))/1000)
	for _, b := range tl.Bins {
		t.Offered += b.Offered
		if b.AtMS >= effect && b.AtMS < repairMS {
			t.Lost += float64(b.Failed)
			q := float64(b.Good) / float64(max(b.Offered, 1))
			t.QMin = min(t.QMin, q)
			t.ResilienceLossS += (1 - q) / 10
		}
	}
	if d.lossy < 1 {
		t.UsersNoticed = users * 9 / 10
	}
	for _, p := range tl.Points {
		t.Outcomes[p.Outcome]++
	}
	t.LossDerivedMS = t.Lost / rate * 1000
	t.LostRatio = t.Lost / ((repairMS - effect) / 1000 * rate)
	t.UserOutageMS = &analyze.MinMedMax{Min: .7 * t.LossDerivedMS, Median: t.LossDerivedMS, Max: 1.1 * t.LossDerivedMS}
	p := *d.predicted
	t.Predicted = &p
	if d.outage(phase) >= 0 {
		v := *tl.FailoverAtMS - effect
		detect, decide, switched, client := v-40, 0.0, 0.5, 39.5
		t.FailoverMS, t.TimeToFirstMS = &v, &v
		t.Split = &analyze.Split{Detect: &detect, Decide: &decide, Switch: &switched, Client: &client, By: d.predicted.Event, Node: "proxy-b", UncertaintyMS: .4}
		if d.predicted.EventOnly {
			t.Split.Decide, t.Split.Unknown = nil, map[string]string{"decide": "passive checks report no failed connection before their decision"}
		}
		t.Predicted.EventMS = &detect
		t.Predicted.Inside = v >= p.Lo-25 && v <= p.Hi+t.ResolutionMS+25
		recovery := v + 400
		t.LatencyRecoveryMS, t.EndedBy, t.FailoverUncertaintyMS = &recovery, analyze.EndedByMechanism, 8
		t.Ranges = map[string]analyze.Range{"failover": {Lo: v - 8, Hi: v + 6}, "latency_recovery": {Lo: v, Hi: recovery + 5, Why: "this machine's processors were 98.0 % busy"}}
		if d.failback == 0 {
			t.LatencyRecoveryMS, t.Ranges["latency_recovery"] = &v, t.Ranges["failover"]
		}
	} else {
		t.QSteady = 0
		back := repairMS + 600 - effect
		t.FailoverMS, t.EndedBy, t.LatencyRecoveryMS = &back, analyze.EndedByRepair, &back
		t.Ranges = map[string]analyze.Range{"failover": {Lo: back - 8, Hi: back + 8}, "latency_recovery": {Lo: back - 8, Hi: back + 8}}
	}
	return t
}

// summed gives a cell the summary of its trials.
func summed(c analyze.Cell) analyze.Cell {
	c.Summary = analyze.Summaries(c.Trials)
	return c
}

// hostile returns a small run in which every name and text of a user's file has markup, escapes and template code.
func hostile() (*analyze.Report, []analyze.Timeline) {
	const evil = "\"'><img src=x onerror=alert(1)>|`</style></title><script>alert(2)</script>\x1b[31m\u202e\n{{.}}"
	rep, timelines := sampleRun(1)
	rep.Command, rep.Version = evil, evil
	for i := range rep.Cells {
		c := &rep.Cells[i]
		c.Topology, c.Scenario, c.Runtime, c.Sentence, c.PlanHash = c.Topology+evil, evil, evil, evil, evil
		c.Reasons, c.SPOF, c.Waits = []string{evil + "?"}, []string{evil}, evil
		c.Fidelity = []analyze.Fidelity{{What: evil, Level: evil, How: evil}}
		for j := range c.Trials {
			t := &c.Trials[j]
			t.Target, t.Story, t.Reasons, t.Predicted.Text, t.Predicted.Event = evil, evil, []string{evil}, evil, evil
			if t.Unsplit = evil; t.Split != nil {
				t.Split.By, t.Split.Node, t.Split.Unknown = evil, evil, map[string]string{"switch": evil}
			}
			t.EndedBy, t.Ranges = evil, map[string]analyze.Range{"failover": {Lo: 1, Hi: 2e4, Why: evil}, evil: {Lo: 1, Hi: 2, Why: evil}}
		}
		tl := &timelines[i]
		tl.Topology, tl.Scenario = c.Topology, c.Scenario
		tl.Bands[0].Label = evil
		for j := range tl.Events {
			tl.Events[j].Label, tl.Events[j].Kind = evil, evil
		}
		for j := range tl.Points {
			tl.Points[j].Outcome = evil
		}
	}
	return rep, slices.Clone(timelines)
}
