package analyze

import (
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// Timeline is the data of a chart of one trial. Times are ms from the start of the load.
type Timeline struct {
	Topology string          `json:"topology"`
	Scenario string          `json:"scenario"`
	Trial    int             `json:"trial"`
	Attempt  int             `json:"attempt,omitempty"`
	EndMS    float64         `json:"end_ms"`
	BinMS    float64         `json:"bin_ms"`
	Bins     []Bin           `json:"bins"`
	Points   []Point         `json:"points"` // at most a few thousand, thinned evenly; at least one failure remains in each bin that has one
	Bands    []Band          `json:"bands"`  // faults, from effect to undoing
	Events   []TimelineEvent `json:"marks"`  // events of mechanisms and hardware
	// FailoverAtMS is the instant from which service holds; null: never, or no proven fault.
	FailoverAtMS *float64 `json:"failover_at_ms"`
	// Machine is the load of the lab's machine; empty if the trace has no machine readings.
	Machine      []MachineBin `json:"machine"`
	MachineBinMS float64      `json:"machine_bin_ms"`
	PatienceMS   float64      `json:"patience_ms"`
	TimeoutMS    float64      `json:"timeout_ms"`
}

// Bin counts the requests scheduled in one bin of time.
type Bin struct {
	AtMS    float64 `json:"at_ms"`
	Offered int     `json:"offered"`
	Good    int     `json:"good"`   // succeeded within the patience
	Failed  int     `json:"failed"` // outcome other than ok
}

// Point is one request in the latency scatter.
type Point struct {
	AtMS      float64 `json:"at_ms"`
	LatencyMS float64 `json:"latency_ms"`
	Outcome   string  `json:"outcome"`
	Tunnel    bool    `json:"tunnel"`
}

// Band is the interval of a fault.
type Band struct {
	FromMS float64 `json:"from_ms"`
	ToMS   float64 `json:"to_ms"`
	Label  string  `json:"label"`
}

// TimelineEvent is an event of a mechanism or of the hardware.
type TimelineEvent struct {
	AtMS  float64 `json:"at_ms"`
	Kind  string  `json:"kind"`
	Label string  `json:"label"`
}

// Bounds of a chart: more bins or points are too large for a page, and the eye cannot tell them apart.
const (
	mostDrawnBins   = 2000
	mostDrawnPoints = 2000 // of successes, and of failures beyond one per bin
)

// TimelineOf returns the data of the chart of a trial.
func TimelineOf(t *trace.Trace) Timeline { return newRun(t).timeline(t) }

func (r *run) timeline(t *trace.Trace) Timeline {
	width := max(r.binWidth(0, r.end), r.end/mostDrawnBins+1)
	out := Timeline{
		Topology: r.plan.Topology.Name, Scenario: r.plan.Scenario.Name, Trial: r.header.Trial, Attempt: r.header.Drawn().Attempt,
		EndMS: ms(r.end), BinMS: ms(width), Bins: r.bins(0, r.end, width), Points: r.points(width),
		Bands: r.bands(), Events: r.timelineEvents(),
		PatienceMS: ms(r.plan.Scenario.Load.Patience), TimeoutMS: ms(r.plan.Scenario.Load.Timeout),
	}
	bins, width := machineBins(t.Machine, t.Header.Epoch, r.end)
	out.Machine, out.MachineBinMS = bins, ms(width)
	if len(r.faults) > 0 && r.proven {
		if failover := r.failover(); failover != nil {
			at := ms(r.effect) + *failover
			out.FailoverAtMS = &at
		}
	}
	return out
}

// points thins the requests evenly, successes and failures apart, and keeps the first failure of every bin.
func (r *run) points(width int64) []Point {
	points := []Point{}
	reqs := r.between(0, r.end)
	failures := count(reqs, failed)
	every := func(n int) int { return n/mostDrawnPoints + 1 }
	keepFailure, keepSuccess := every(failures), every(len(reqs)-failures)
	seen, lastBin := map[bool]int{}, int64(-1)
	for _, s := range reqs {
		bad, keep := failed(s), keepSuccess
		if bad {
			keep = keepFailure
		}
		fresh := bad && s.Scheduled/width != lastBin
		if seen[bad]%keep == 0 || fresh {
			points = append(points, Point{
				AtMS: ms(s.Scheduled), LatencyMS: float64(s.Done) / 1000, Outcome: s.Outcome.String(), Tunnel: s.Flags&load.Tunnel != 0,
			})
		}
		seen[bad]++
		if bad {
			lastBin = s.Scheduled / width
		}
	}
	return points
}

// bands returns the faults that took effect. A fault without a proven undoing lasts to the end of the load.
func (r *run) bands() []Band {
	bands := []Band{}
	for _, s := range r.jointEffects() {
		b := Band{FromMS: ms(s.effect.At), ToMS: ms(r.end), Label: string(s.Kind) + " " + strings.Join(s.places, ", ")}
		if s.recoverEffect != nil {
			b.ToMS = ms(s.recoverEffect.At)
		}
		bands = append(bands, b)
	}
	return bands
}

// timelineEvents returns the events of the mechanisms and of the hardware while the load ran.
func (r *run) timelineEvents() []TimelineEvent {
	events := []TimelineEvent{}
	said := map[string]bool{}
	for _, e := range r.events {
		label := labelOf(e)
		if e.Kind == proxy.EventPACBad || e.Kind == proxy.EventDNSFailed { // each user has an event of its own; only the first is drawn
			if said[label] {
				continue
			}
			said[label] = true
		}
		if label != "" && e.At >= 0 && e.At < r.end {
			events = append(events, TimelineEvent{AtMS: ms(e.At), Kind: string(e.Kind), Label: label})
		}
	}
	return events
}

// labelOf is the label of an event in a chart; empty: the event is not drawn. The health of a chassis is not drawn: its parts are.
func labelOf(e trace.Event) string {
	state := string(e.State)
	switch e.Kind {
	case proxy.EventVRRP:
		return e.Node + " " + state
	case proxy.EventAnnounced: // who hears it is in the trace
		if e.State == proxy.AnnouncementSent {
			return e.Node + " announces " + e.Subject
		}
	case proxy.EventRoute:
		return e.Node + ": route " + e.Subject + " " + state
	case proxy.EventCheckFailed:
		return e.Node + ": check of " + e.Subject + " failed"
	case proxy.EventServerUp:
		return e.Node + ": " + e.Subject + " up"
	case proxy.EventServerDown:
		return e.Node + ": " + e.Subject + " down"
	case proxy.EventPeerDead:
		return e.Node + ": " + e.Subject + " dead"
	case proxy.EventServiceReady:
		return e.Node + "/" + e.Service + " ready"
	case proxy.EventServiceExit:
		return e.Node + "/" + e.Service + " ended"
	case proxy.EventRecord:
		return e.Node + ": record " + e.Subject + " " + state
	case proxy.EventDNSFailed:
		return "first DNS query failed"
	case proxy.EventPACBad:
		return "browsers mark bad " + e.Subject
	case proxy.EventWANFlip:
		return e.Node + " " + state
	case proxy.EventSensor, proxy.EventPSU:
		return e.Node + "/" + e.Subject + " " + state
	case proxy.EventFans:
		return e.Node + "/fans " + state
	case proxy.EventSignal:
		return e.Node + " signals " + state
	case proxy.EventFailed:
		return e.Node + ": chassis failed"
	case proxy.EventShutdown:
		return e.Node + " shuts itself down"
	case proxy.EventPower:
		return e.Node + " power " + state
	}
	return ""
}
