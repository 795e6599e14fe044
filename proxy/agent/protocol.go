// Package agent is the process on every node of a lab. It starts and watches the node's services, reports their events, executes faults
// with proof of effect, and runs the load on client nodes. Its control channel is its standard input and output. When the channel
// closes, the agent ends everything that it started, and itself.
package agent

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
)

// Hello is an agent's description of itself, sent once at its start.
type Hello struct {
	Version  string   `json:"version"`
	PID      int      `json:"pid"`
	Prefixes []string `json:"prefixes"` // CIDR prefixes of its own interfaces
	Kernel   string   `json:"kernel"`
	CPUs     int      `json:"cpus"`
	// Processor is the model of the processors, or the architecture.
	Processor string `json:"processor,omitempty"`
	// Packages are the versions of the engines' Debian packages that this machine has, by name.
	Packages map[string]string `json:"packages,omitempty"`
}

// Request is the controller's request to an agent. At most one of the pointers is set; Op says which.
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
	Code   string           `json:"code,omitempty"` // reason code of the error; empty: none
	Now    int64            `json:"now_ns"`         // CLOCK_MONOTONIC at the response
	Effect *Effect          `json:"effect,omitempty"`
	Relay  *proxy.RelayCost `json:"relay,omitempty"`
}

// Fault is one fault on this node.
type Fault struct {
	ID      string          `json:"id"`
	Kind    proxy.FaultKind `json:"kind"`              // a key of Options.Executors
	Service string          `json:"service,omitempty"` // for kinds that strike a service
	proxy.FaultParams
	// At is the fault's instant on CLOCK_MONOTONIC; 0 or the past: at once.
	At int64 `json:"at_ns"`
	// Until is the instant of the planned recovery; 0: unknown.
	Until int64 `json:"until_ns,omitempty"`
}

// Effect is the proven effect of a fault or of its recovery.
type Effect struct {
	At          int64         `json:"at_ns"` // middle of the interval in which the effect lies
	Uncertainty time.Duration `json:"uncertainty_ns"`
	Proof       string        `json:"proof"` // the observation
}

func effectOf(p proxy.Proven) *Effect {
	return &Effect{At: p.Middle(), Uncertainty: p.Uncertainty(), Proof: p.Proof}
}

// Requests of a controller.
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
