package proxy

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// FaultKind is the name of a kind of fault in scenario files, agents, runtimes and reports. scenarios/fault has a file for each kind,
// with its name.
type FaultKind string

// FaultParams are the parameters of faults, from the scenario's file to the agent that executes the fault. A kind of fault reads some
// of them (scenarios/fault has a file for each kind); the others are zero.
type FaultParams struct {
	// Mode of wan-loss and wan-flap: cut (default) or silent. Mode of dns-failure: dead (default), servfail or silent.
	Mode string `json:"mode,omitempty"`

	// Of wan-degrade.
	Latency    time.Duration `json:"latency_ns,omitempty"`    // added to each answer; also of slow-origin
	Jitter     time.Duration `json:"jitter_ns,omitempty"`     // the latency varies by +- this time
	Bandwidth  int64         `json:"bandwidth_bps,omitempty"` // replaces the link's: bit/s, each direction, all connections together
	Reset      float64       `json:"reset,omitempty"`         // share of the connections that are reset
	ResetAfter time.Duration `json:"reset_after_ns,omitempty"`
	SlowClose  time.Duration `json:"slow_close_ns,omitempty"`
	Period     time.Duration `json:"period_ns,omitempty"` // wan-flap: from one loss to the next; the link is lost for half of it

	// From and Apart are of partition. From names the nodes on the other side as in the file: members (default) or nodes. Apart is
	// the same, resolved by the plan.
	From  string   `json:"from,omitempty"`
	Apart []string `json:"apart,omitempty"`

	// Interface is of link-down: its name on the node; empty: all interfaces.
	Interface string `json:"interface,omitempty"`

	// Of packet-loss: the share of the packets that is lost, and which: both (default), in or out, from the node.
	Loss      float64 `json:"loss,omitempty"`
	Direction string  `json:"direction,omitempty"`

	Program string        `json:"program,omitempty"` // config-break: service (default) or keepalived
	Share   float64       `json:"share,omitempty"`   // of all targets; 0: all of them
	Status  int           `json:"status,omitempty"`  // exit-block: the origin's HTTP status
	Factor  float64       `json:"factor,omitempty"`  // surge: multiplies the load
	Gap     time.Duration `json:"gap_ns,omitempty"`  // rolling-restart: from the start of one restart to the start of the next

	// PSU is the supply that psu-failure breaks; empty: the node's first.
	PSU string `json:"psu,omitempty"`
	// Feeds are the feeds that feed-loss and mains-outage take. Power is the time line that the plan derives from them: each change of
	// a node's input, counted from the fault's instant.
	Feeds []string        `json:"feeds,omitempty"`
	Power []policy.Change `json:"power,omitempty"`
	// Rise is the heating of overheat, in deg C per s; 0: each sensor's own rise.
	Rise float64 `json:"rise_c_per_s,omitempty"`
}
