package predict

import (
	"slices"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
)

// predictExitBlock predicts for exits that a site blocks. No mechanism of a design checks what an origin answers.
func (d Predictor) predictExitBlock(f fault.Planned) *Prediction {
	if !slices.ContainsFunc(f.Candidates, func(c fault.Candidate) bool { return d.carries(c.Service) }) {
		return quiet("no request of the users leaves by these exits")
	}
	if d.Address == nil && d.Balance == nil && len(d.Members) == 1 {
		return never("%s is the only exit, and the site blocks it", d.Members[0])
	}
	return open("no mechanism of the design checks what an origin answers")
}
