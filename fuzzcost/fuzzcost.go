// Package fuzzcost bounds what one execution of a fuzz target may cost: a parser that answers after a minute, or with all the
// machine's memory, is as good as one that crashes. Tests alone use it.
package fuzzcost

import (
	"runtime/metrics"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The most that one execution may take.
const (
	Time   = time.Second // of the processor: another program that wants it fails no target
	Memory = 256 << 20   // bytes allocated, also those that are free again by the end
)

// Bound fails the execution of t if it takes more than Time or Memory until it ends. Executions of one process take turns, so
// all that the process takes is theirs.
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

// processorTime is what this process has used so far (getrusage(2)).
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
