package proxy

import "time"

// FaultParams are the parameters of faults, from the scenario's file to the agent that carries the fault out. Each is for
// the kinds that read it (package scenarios has the table); for all others it is zero.
type FaultParams struct {
	Mode string `json:"mode,omitempty"` // wan-loss: cut (default) or silent

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
	// Rise is how fast an overheat heats, deg C per s; 0: each sensor's own rise.
	Rise float64 `json:"rise_c_per_s,omitempty"`
}
