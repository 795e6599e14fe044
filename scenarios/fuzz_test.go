package scenarios_test

import (
	"errors"
	"math"
	"testing"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/scenarios/scenariotest"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// FuzzRead holds that every file is either refused with positions or gives a scenario whose plan can be made, hashed and
// printed.
func FuzzRead(f *testing.F) {
	f.Add([]byte(scenariotest.Trip))
	for _, name := range scenarios.Library() {
		data, err := scenarios.Source(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("scenario: x\nload: {rate: 1/s}\nphases: {baseline: 1s}\nexpect: {latency_inflation: \"<= 1e9\"}\n"))
	f.Add([]byte("faults: [{kind: hang, target: all}, []]\nexpect: []\nmeasure: 3\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		s, err := scenarios.Read("f.yaml", data, analyze.Expectable())
		if err != nil {
			var problems *yamlfile.Problems
			if !errors.As(err, &problems) || len(*problems) == 0 || s != nil {
				t.Fatalf("refused without problems: %v", err)
			}
			return
		}
		for _, e := range s.Expect {
			if _, ok := analyze.Expectable()[e.Measure]; !ok || e.Value < 0 || math.IsNaN(e.Value) || math.IsInf(e.Value, 0) {
				t.Fatalf("accepted %+v", e)
			}
		}
		p, err := plan.Compile(scenariotest.Balanced(), s, 1, 3)
		if err != nil {
			return // asks for what this design does not have
		}
		if p.End < p.RecoverAt || p.RecoverAt < p.FaultAt || len(p.Hash()) != 64 || plan.Text(p) == "" {
			t.Fatalf("bad plan %+v", p)
		}
	})
}
