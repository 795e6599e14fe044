// Package agent is the process on every node of a lab: it starts and watches the node's services, reports their
// events, carries out faults with proof of effect, and on client nodes runs the load. Its one control channel is its own
// standard input and output; when that closes, it ends everything it started and itself.
package agent

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
)

// Hello is what an agent says of itself, once, when it is up.
type Hello struct {
	Version  string   `json:"version"`
	PID      int      `json:"pid"`
	Prefixes []string `json:"prefixes"` // CIDR prefixes of its own interfaces
	Kernel   string   `json:"kernel"`
	CPUs     int      `json:"cpus"`
}

// Request is what the controller asks of an agent. Exactly one of the pointers is set, or Op alone says it.
type Request struct {
	ID    uint64          `json:"id"`
	Op    string          `json:"op"` // one of the op constants
	Start *proxy.NodeSpec `json:"start,omitempty"`
	Load  *load.Spec      `json:"load,omitempty"`
	Fault *Fault          `json:"fault,omitempty"`
}

// Response answers the request of the same ID.
type Response struct {
	ID     uint64           `json:"id"`
	Error  string           `json:"error,omitempty"`
	Now    int64            `json:"now_ns"` // CLOCK_MONOTONIC when the answer was written
	Effect *Effect          `json:"effect,omitempty"`
	Relay  *proxy.RelayCost `json:"relay,omitempty"`
	Load   *LoadSummary     `json:"load,omitempty"`
}

// Fault is one fault on this node.
type Fault struct {
	ID      string          `json:"id"`
	Kind    proxy.FaultKind `json:"kind"`              // a key of executors
	Service string          `json:"service,omitempty"` // for the kinds that strike a service
	proxy.FaultParams
	// At is the CLOCK_MONOTONIC instant to act at; 0 or the past: at once.
	At int64 `json:"at_ns"`
	// Until is the instant at which the fault is to be undone, where that is known; 0: it is not.
	Until int64 `json:"until_ns,omitempty"`
}

// Effect is the proof that a fault, or its undoing, took effect.
type Effect struct {
	At          int64         `json:"at_ns"` // middle of the interval it was proven to lie in
	Uncertainty time.Duration `json:"uncertainty_ns"`
	Proof       string        `json:"proof"` // what was seen
}

func effectOf(p proxy.Proven) *Effect {
	return &Effect{At: p.Middle(), Uncertainty: p.Uncertainty(), Proof: p.Proof}
}

// LoadSummary ends a run of load.
type LoadSummary struct {
	Scheduled int `json:"scheduled"`
	Samples   int `json:"samples"`
}

// What a controller may ask for.
const (
	opPing    = "ping"
	opStart   = "start"
	opLoad    = "load"
	opInject  = "inject"
	opRecover = "recover"
	opForget  = "forget"
	opMeter   = "meter"
	opGauge   = "calibrate"
	opWatch   = "watch-machine"
	opLeave   = "leave-machine"
)
