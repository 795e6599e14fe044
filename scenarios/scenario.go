// Package scenarios reads scenario files: load, phases, faults with symbolic targets, expectations. It validates a file and
// says what can be known before a run on whatever design. It also has the bundled scenarios. It knows no plan and runs nothing.
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
	// Selection is where it is worth running.
	Selection
}

// Load is the demand of all user groups together.
type Load struct {
	Rate     float64 `json:"rate_per_s"`
	TLSShare float64 `json:"tls_share"` // HTTPS through CONNECT
	NewShare float64 `json:"new_share"` // on a connection of their own
	Body     int     `json:"body_bytes"`
	// Objects are what all users ask for in common; nil: every request asks for an object of its own that may not be stored.
	Objects *Objects `json:"objects,omitempty"`
	// Streams are what a share of the users holds open beside the requests; nil: nobody does.
	Streams *Streams `json:"streams,omitempty"`
	// Retry sends a request again, once, when the kept connection it was sent on had died; default true, as browsers do.
	Retry    bool          `json:"retry"`
	Timeout  time.Duration `json:"timeout_ns"`  // a request without a whole answer by then has failed
	Patience time.Duration `json:"patience_ns"` // a user notices a response later than this; the deadline of goodput
}

// Objects are a catalogue of cacheable objects under a Zipf popularity. Every trial has a catalogue of its own, which no
// cache knows yet: the warm-up warms the caches that serve, and a standby is as cold as it is in life.
type Objects struct {
	Count     int     `json:"count"`
	Zipf      float64 `json:"zipf"`      // the object of rank k is asked for in proportion to 1/k^zipf
	Cacheable float64 `json:"cacheable"` // share of the requests that ask for them
}

// Streams are WebSockets through tunnels, each opened again when it breaks (load.Streams).
type Streams struct {
	Share   float64       `json:"share"`      // of the users of each group, one stream each
	Every   time.Duration `json:"every_ns"`   // from one message to the next
	Silence time.Duration `json:"silence_ns"` // how long one may go unanswered until the user gives the stream up
}

// Phases are the lengths of a trial's phases, in their order.
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
	Theta         float64       `json:"theta"`          // success ratio that counts as service, default 0.99
	Window        time.Duration `json:"window_ns"`      // V: how long it must hold, default 1 s and at least 20 requests
	LatencyFactor float64       `json:"latency_factor"` // k of latency_recovery: p95 at most k x baseline, default 3
	// LatencyFloor keeps k x baseline from falling into the scheduling noise of a shared machine; default 100 ms, below which a response feels instantaneous (Nielsen 1993).
	LatencyFloor time.Duration `json:"latency_floor_ns"`
}
