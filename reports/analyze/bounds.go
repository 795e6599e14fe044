package analyze

import "github.com/seed-ab8b6914/spof/scenarios"

// Bound is what a scenario expects of one measure, and how many trials of a cell meet it.
type Bound struct {
	Measure string `json:"measure"`
	Unit    string `json:"unit"`
	Text    string `json:"bound"`   // as the scenario says it: <= 5s
	Key     string `json:"summary"` // the measure's name in the cell's summary
	Met     int    `json:"met"`
	Missed  int    `json:"missed"`
	Unknown int    `json:"unknown"` // trials without a value, or with the bound inside the uncertainty of the value
}

// BoundsOf counts the trials that meet each expectation.
func BoundsOf(expect []scenarios.Expectation, trials []Trial) []Bound {
	bounds := []Bound{}
	for _, e := range expect {
		b := Bound{Measure: e.Measure, Text: e.Text}
		if m := byName[e.Measure]; m != nil {
			b.Unit, b.Key = m.Unit, m.Key()
		}
		for i := range trials {
			switch g, ok := trials[i].Range(e.Measure); {
			case trials[i].Void || !ok:
				b.Unknown++
			case holds(g, e.Op, e.Value):
				b.Met++
			case excludes(g, e.Op, e.Value):
				b.Missed++
			default:
				b.Unknown++
			}
		}
		bounds = append(bounds, b)
	}
	return bounds
}
