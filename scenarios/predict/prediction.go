package predict

import (
	"fmt"
	"time"
)

// Prediction is an interval for the failover (or for a balancer's detection) from the fault's effect.
type Prediction struct {
	Lo time.Duration `json:"lo_ns"`
	Hi time.Duration `json:"hi_ns"`
	// Event is the event of the mechanism that the interval also bounds, such as vrrp (new MASTER) or server-down; empty: none.
	Event string `json:"event,omitempty"`
	// Never: the design has no failover for this fault; service returns only with the repair.
	Never bool `json:"never,omitempty"`
	// EventOnly: the interval bounds only the event. A balancer that redispatches may serve users before it marks the server down; kept
	// connections to a silent server may fail after it.
	EventOnly bool `json:"event_only,omitempty"`
	// Repair: the interval ends after the fault is undone, so the outage may outlast the fault.
	Repair  bool   `json:"repair,omitempty"`
	Text    string `json:"text"` // the formula with its numbers
	unknown bool   // there is no prediction, and Text says why; never in a plan
	sure    bool   // only a mechanism ends the outage, not the end of the fault
}

// Line sums up the prediction.
func (p *Prediction) Line() string {
	switch {
	case p.Never:
		return "no failover"
	case p.EventOnly:
		return fmt.Sprintf("%s within %s to %s", p.Event, round(p.Lo), round(p.Hi))
	}
	if p.quiet() {
		return "no outage"
	}
	line := fmt.Sprintf("failover within %s to %s", round(p.Lo), round(p.Hi))
	if p.Repair {
		line += ", maybe after the repair"
	}
	return line
}

func never(format string, args ...any) *Prediction {
	return &Prediction{Never: true, Text: fmt.Sprintf(format, args...) + ": service returns only with the repair"}
}

// quiet predicts no outage, and says why.
func quiet(format string, args ...any) *Prediction {
	return &Prediction{Text: fmt.Sprintf(format, args...) + ": no outage"}
}

func (p *Prediction) quiet() bool { return p.Hi == 0 && !p.Never && !p.unknown && !p.EventOnly }

// open predicts nothing, and says why.
func open(format string, args ...any) *Prediction {
	return &Prediction{unknown: true, Text: fmt.Sprintf(format, args...)}
}
