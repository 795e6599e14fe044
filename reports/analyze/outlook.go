package analyze

import "github.com/seed-ab8b6914/spof/scenarios/plan"

// predictions gives what a plan predicts for each of its faults. DependsOn is left to the caller: the plan of a trace may be no valid one.
func predictions(p *plan.Plan) (all []Prediction) {
	for _, f := range p.Faults {
		one := Prediction{Fault: f.ID, Kind: string(f.Kind), Promised: f.Promised, Why: f.Unpredicted}
		for _, c := range f.Candidates {
			one.Strikes = append(one.Strikes, c.String())
		}
		if by := f.Predicted; by != nil {
			one.Why, one.Never, one.Event, one.EventOnly, one.Text = "", by.Never, by.Event, by.EventOnly, by.Text
			if !by.Never {
				one.LoMS, one.HiMS = some(ms(by.Lo)), some(ms(by.Hi))
			}
		}
		all = append(all, one)
	}
	return all
}
