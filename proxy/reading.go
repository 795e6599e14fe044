package proxy

import "time"

// Reading is what a machine had to do in a short time, as one node's agent read it. Busy, Stolen and Pressure are of the whole
// machine that the node is on; Waited is of the node's own processes.
type Reading struct {
	At   int64         `json:"at_ns"` // CLOCK_MONOTONIC, the end of the time
	Node string        `json:"node"`
	Over time.Duration `json:"over_ns"` // how long the time was: about 100 ms
	CPUs int           `json:"cpus"`    // processors that are online
	// Busy is the share of the processors' time that was not idle, 0-1; without Stolen (/proc/stat).
	Busy float64 `json:"busy"`
	// Stolen is the share of the processors' time that the hypervisor gave to others, 0-1 (/proc/stat).
	Stolen float64 `json:"stolen"`
	// Pressure is the share of the time in which some task waited for a processor, 0-1; -1: this kernel does not tell
	// (/proc/pressure/cpu, "some").
	Pressure float64 `json:"pressure"`
	// Waited is the longest time that a single thread of the node's processes waited to run (schedstat, run delay).
	Waited time.Duration `json:"waited_ns"`
}
