package analyze_test

import (
	"encoding/json"
	"testing"
	"time"

	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios/predict"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// FuzzTrial measures random traces. Nothing may panic, and every result must be valid for JSON.
func FuzzTrial(f *testing.F) {
	f.Add([]byte{0, 1, 2}, int64(4e9), int64(12e9), 1000.0, int64(1e9), int64(16e9), int64(1e9))
	f.Add([]byte{9, 9, 9}, int64(-1)<<62, int64(1)<<62, 1e-300, int64(-5), int64(1)<<62, int64(-1))
	f.Add([]byte("\x9a\x9a\x9a"), int64(-1)<<62-73, int64(1)<<62, 1e-300, int64(-5), int64(1)<<62, int64(-1)) // 100 years without a reading
	f.Add([]byte{}, int64(12e9), int64(4e9), -1.0, int64(0), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, data []byte, effect, undo int64, rate float64, window, end, patience int64) {
		fuzzcost.Bound(t)
		RegisterTestingT(t)
		tr := synthetic(out(0, s))
		tr.Samples = tr.Samples[:0]
		for i, b := range data {
			tr.Samples = append(tr.Samples, trace.Sample{
				Scheduled: int64(b)*effect/7 + int64(i), Done: uint32(b) << (b % 24), Outcome: load.Outcome(b) % load.NumOutcomes, User: uint16(b), Flags: load.Flags(b),
			})
		}
		tr.Events[1].At, tr.Events[3].At = effect, undo
		p := &tr.Header.Plan
		p.Scenario.Load.Rate, p.Scenario.Measure.Window, p.End = rate, time.Duration(window), time.Duration(end)
		p.Scenario.Load.Patience = time.Duration(patience)
		p.Faults[0].Predicted = &predict.Prediction{Lo: time.Duration(effect), Hi: time.Duration(undo)}
		_, err := json.Marshal(analyze.CellOf([]*trace.Trace{tr, tr}))
		Expect(err).NotTo(HaveOccurred())
		_, err = json.Marshal(analyze.TimelineOf(tr))
		Expect(err).NotTo(HaveOccurred())
	})
}
