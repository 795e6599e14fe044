// Package scenarios reads and validates scenario files: load, phases, faults with symbolic targets, expectations. It warns of
// scenarios that cannot give a verdict on any design. It holds the bundled scenarios. Begin at Open and Scenario. It knows no
// plan and runs nothing.
package scenarios

import (
	"time"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// Scenario is one validated scenario.
type Scenario struct {
	Name    string        `json:"name"`
	About   string        `json:"about"`
	Load    Load          `json:"load"`
	Phases  Phases        `json:"phases"`
	Faults  []fault.Fault `json:"faults"`
	Expect  []Expectation `json:"expect"`
	Measure Measure       `json:"measure"`
	Selection
}

// Load is the load of all user groups together.
type Load struct {
	Rate     float64 `json:"rate_per_s"`
	TLSShare float64 `json:"tls_share"` // HTTPS through CONNECT
	NewShare float64 `json:"new_share"` // requests on a new connection
	Body     int     `json:"body_bytes"`
	// Objects are the cacheable objects that all users request; nil: every request asks for its own, uncacheable object.
	Objects *Objects `json:"objects,omitempty"`
	// Streams are long-lived connections that a share of the users holds; nil: none.
	Streams *Streams `json:"streams,omitempty"`
	// Retry sends a request once more if it failed because its kept-alive connection was dead, as browsers do; default true.
	Retry    bool          `json:"retry"`
	Timeout  time.Duration `json:"timeout_ns"`  // a request without a complete answer by then has failed
	Patience time.Duration `json:"patience_ns"` // a user notices a response later than this; the deadline of goodput
}

// Objects are a catalogue of cacheable objects with a Zipf popularity. Every trial has its own catalogue, so caches start cold.
// The warm-up fills the caches that serve; a standby stays cold.
type Objects struct {
	Count     int     `json:"count"`
	Zipf      float64 `json:"zipf"`      // the object of rank k is requested in proportion to 1/k^zipf
	Cacheable float64 `json:"cacheable"` // share of the requests that ask for these objects
}

// Streams are WebSockets through tunnels. A user reopens a broken one (load.Streams).
type Streams struct {
	Share   float64       `json:"share"`      // of the users of each group; one stream per user
	Every   time.Duration `json:"every_ns"`   // between two messages
	Silence time.Duration `json:"silence_ns"` // unanswered for so long, the user closes the stream
}

// Phases are the lengths of a trial's phases, in order.
type Phases struct {
	WarmUp   time.Duration `json:"warm_up_ns"`
	Baseline time.Duration `json:"baseline_ns"`
	Fault    time.Duration `json:"fault_ns"`
	Recovery time.Duration `json:"recovery_ns"` // after the faults are undone
}

// Expectation is a bound on a measure of every trial.
type Expectation struct {
	Measure string  `json:"measure"` // its name
	Op      string  `json:"op"`      // <=, <, >=, >, ==
	Value   float64 `json:"value"`   // in the measure's unit
	Text    string  `json:"text"`    // as written
}

// Measure are the parameters of the failover measure.
type Measure struct {
	Theta         float64       `json:"theta"`          // least success ratio of service, default 0.99
	Window        time.Duration `json:"window_ns"`      // V: how long theta must hold, default 1 s and at least 20 requests
	LatencyFactor float64       `json:"latency_factor"` // k of latency_recovery: p95 at most k x baseline, default 3
	// LatencyFloor is the least value of k x baseline, above the scheduling noise of a shared machine; default 100 ms, below which a
	// response feels instantaneous (Nielsen 1993).
	LatencyFloor time.Duration `json:"latency_floor_ns"`
}
