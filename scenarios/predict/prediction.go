package predict

import (
	"fmt"
	"time"
)

// Prediction is an interval for the failover (or for a balancer's detection) from the fault's effect.
type Prediction struct {
	Lo time.Duration `json:"lo_ns"`
	Hi time.Duration `json:"hi_ns"`
	// Event is the mechanism's event that the interval also bounds: vrrp (new MASTER) or server-down; empty: none.
	Event string `json:"event,omitempty"`
	// Never says that the design has no way round this fault: service returns only with the repair.
	Never bool `json:"never,omitempty"`
	// EventOnly says that the interval bounds the event alone. A balancer that redispatches may serve users before it takes
	// the server out; one that keeps connections to a silent server may fail users after it.
	EventOnly bool `json:"event_only,omitempty"`
	// Repair says that the interval, or a part of it, comes after the fault's undoing: the outage may outlast the fault.
	Repair  bool   `json:"repair,omitempty"`
	Text    string `json:"text"` // the formula with its numbers
	unknown bool   // nothing is promised, and Text says why: no plan carries such a one
	sure    bool   // the fault's end does not end the outage: only a mechanism does
}

// Line says in a few words what is predicted.
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

// quiet is a prediction of no outage, and says why.
func quiet(format string, args ...any) *Prediction {
	return &Prediction{Text: fmt.Sprintf(format, args...) + ": no outage"}
}

func (p *Prediction) quiet() bool { return p.Hi == 0 && !p.Never && !p.unknown && !p.EventOnly }

// open is a prediction that promises nothing, and says why.
func open(format string, args ...any) *Prediction {
	return &Prediction{unknown: true, Text: fmt.Sprintf(format, args...)}
}
