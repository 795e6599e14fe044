package proxy

import "time"

// Reading is the load of a machine during a short period, read by one node's agent. Busy, Stolen and Pressure are those of the whole
// machine; Waited is that of the node's processes.
type Reading struct {
	At   int64         `json:"at_ns"` // CLOCK_MONOTONIC at the end of the period
	Node string        `json:"node"`
	Over time.Duration `json:"over_ns"` // length of the period: about 100 ms
	CPUs int           `json:"cpus"`    // processors online
	// Busy is the share of processor time that was neither idle nor Stolen, 0-1 (/proc/stat, in ticks of 10 ms of one processor).
	// -1: this kernel does not tell.
	Busy float64 `json:"busy"`
	// Stolen is the share of processor time that the hypervisor gave to others, 0-1 (/proc/stat). -1 as Busy.
	Stolen float64 `json:"stolen"`
	// Pressure is the share of the period in which some task waited for a processor, 0-1 (/proc/pressure/cpu, "some"). -1: this
	// kernel does not tell.
	Pressure float64 `json:"pressure"`
	// Waited is the longest time that a single thread of the node's processes waited to run (schedstat, run delay). The kernel counts
	// a wait at its end, so a wait that began earlier may be longer than the period. -1: this kernel does not tell.
	Waited time.Duration `json:"waited_ns"`
}
