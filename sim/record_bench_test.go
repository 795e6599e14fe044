package sim

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// BenchmarkRecorder records a million samples as they come from a node, in batches of 512, also into a file. B/sample is by how much the
// resident memory of the process grows: 32 for the list, and 1.3 MB in all for the buffers of the file.
func BenchmarkRecorder(b *testing.B) {
	const n = 1_000_000
	dir, err := os.OpenRoot(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	h := trace.Header{Plan: plan.Plan{Scenario: scenarios.Scenario{
		Load: scenarios.Load{Rate: 1000}, Phases: scenarios.Phases{Fault: n * time.Millisecond},
	}, Trials: []plan.Trial{{}}}}
	var grown float64
	for b.Loop() {
		before := resident(b)
		r, err := newRecorder(h, dir, NopObserver{})
		if err != nil {
			b.Fatal(err)
		}
		some := make([]trace.Sample, 512)
		for at := 0; at < n; at += len(some) {
			for i := range some {
				some[i] = trace.Sample{Scheduled: int64(at+i) * 1e6, Done: uint32(1000 + i)}
			}
			r.samples(some)
		}
		grown = max(grown, (resident(b)-before)/n)
		if _, err := r.end(""); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(grown, "B/sample")
}

// resident is the resident memory of this process, in bytes (proc(5), statm).
func resident(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		b.Fatal(err)
	}
	pages, err := strconv.ParseFloat(strings.Fields(string(text))[1], 64)
	if err != nil {
		b.Fatal(err)
	}
	return pages * float64(os.Getpagesize())
}
