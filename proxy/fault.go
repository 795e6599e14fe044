package proxy

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// FaultParams are the parameters of faults, from the scenario's file to the agent that carries the fault out. Each is for
// the kinds that read it (scenarios/fault has a file for each); for all others it is zero.
type FaultParams struct {
	// Mode is how: of wan-loss and wan-flap cut (default) or silent, of dns-failure dead (default), servfail or silent.
	Mode string `json:"mode,omitempty"`

	// Of wan-degrade: what is added to each answer, in place of the link's own bandwidth, and done to connections.
	Latency    time.Duration `json:"latency_ns,omitempty"`    // also of slow-origin: added to each of its answers
	Jitter     time.Duration `json:"jitter_ns,omitempty"`     // the latency varies by so much either way
	Bandwidth  int64         `json:"bandwidth_bps,omitempty"` // bit/s, each direction, all connections together
	Reset      float64       `json:"reset,omitempty"`         // share of the connections that are reset
	ResetAfter time.Duration `json:"reset_after_ns,omitempty"`
	SlowClose  time.Duration `json:"slow_close_ns,omitempty"`
	Period     time.Duration `json:"period_ns,omitempty"` // wan-flap: from one loss to the next; half of it the link is back

	// From and Apart are of a partition: whom the target is cut off from, as a word of the file (members, the default, or
	// nodes), and as the plan has resolved it.
	From  string   `json:"from,omitempty"`
	Apart []string `json:"apart,omitempty"`

	Program string        `json:"program,omitempty"` // config-break: service (default) or keepalived
	Share   float64       `json:"share,omitempty"`   // of all targets; 0: all of them
	Status  int           `json:"status,omitempty"`  // exit-block: what the origin answers
	Factor  float64       `json:"factor,omitempty"`  // surge: of the load
	Gap     time.Duration `json:"gap_ns,omitempty"`  // rolling-restart: between the starts of two restarts

	// PSU is what psu-failure breaks; empty: the node's first.
	PSU string `json:"psu,omitempty"`
	// Feeds are those that feed-loss and mains-outage take, and Power when each node's inputs go and come by it, from the
	// fault's instant on, as the plan has resolved them.
	Feeds []string        `json:"feeds,omitempty"`
	Power []policy.Change `json:"power,omitempty"`
	// Rise is how fast an overheat heats, deg C per s; 0: each sensor's own rise.
	Rise float64 `json:"rise_c_per_s,omitempty"`
}
