// Package fuzzcost limits the time and the memory of one execution of a fuzz target: a parser that takes a minute, or all memory,
// is as bad as one that crashes. Begin at Bound. Only tests use it.
package fuzzcost

import (
	"runtime/metrics"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The limits of one execution.
const (
	Time   = time.Second // processor time: other programs do not count
	Memory = 256 << 20   // bytes allocated, also those that are freed again
)

// Bound fails t if it uses more than Time or Memory until it ends. A process runs one execution at a time, so the cost of the process is
// that of the execution.
func Bound(t testing.TB) {
	began, had := processorTime(t), allocated()
	t.Cleanup(func() {
		if took := processorTime(t) - began; took > Time {
			t.Errorf("it took %s of processor time, more than %s", took, Time)
		}
		if took := allocated() - had; took > Memory {
			t.Errorf("it allocated %d MiB, more than %d", took>>20, Memory>>20)
		}
	})
}

// processorTime gives the processor time of this process so far (getrusage(2)).
func processorTime(t testing.TB) time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		t.Fatalf("getrusage: %v", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func allocated() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
