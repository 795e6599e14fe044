package proxy

import "time"

// Reading is what a machine had to do in a short time, as one node's agent read it. Busy, Stolen and Pressure are of the whole
// machine that the node is on; Waited is of the node's own processes.
type Reading struct {
	At   int64         `json:"at_ns"` // CLOCK_MONOTONIC, the end of the time
	Node string        `json:"node"`
	Over time.Duration `json:"over_ns"` // how long the time was: about 100 ms
	CPUs int           `json:"cpus"`    // processors that are online
	// Busy is the share of the processors' time that was not idle, 0-1; without Stolen (/proc/stat, which counts in ticks of
	// 10 ms of one processor); -1: this kernel does not tell.
	Busy float64 `json:"busy"`
	// Stolen is the share of the processors' time that the hypervisor gave to others, 0-1 (/proc/stat); -1 as Busy.
	Stolen float64 `json:"stolen"`
	// Pressure is the share of the time in which some task waited for a processor, 0-1; -1: this kernel does not tell
	// (/proc/pressure/cpu, "some").
	Pressure float64 `json:"pressure"`
	// Waited is the longest time that a single thread of the node's processes waited to run (schedstat, run delay). The kernel adds
	// a wait when it is over, so one that began before this time may be longer than it. -1: this kernel does not tell.
	Waited time.Duration `json:"waited_ns"`
}
