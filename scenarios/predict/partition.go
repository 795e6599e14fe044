package predict

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// predictPartition is for the holder of an address that the other members no longer hear: one of them takes it too, which
// bounds that event. What it does to the users is for the network to decide, which follows who announced the address last.
func (d Predictor) predictPartition(f fault.Planned) *Prediction {
	if d.Address == nil || f.From != fault.FromMembers || f.Pick != target.PickHolder && f.Pick != target.PickFirst {
		return open("what else than the members of an address hear of each other no timer bounds")
	}
	holders := d.Holders()
	if len(holders) > 1 || f.Pick == target.PickFirst && f.Candidates[0].Node != holders[0] {
		return open("whether it holds the address is not known before")
	}
	backup := d.backup(holders[0])
	timers := d.timers(backup.Priority)
	b := timers.Silence()
	p := elected(b, "%s hears nothing: MDI - A to MDI, %s: %s", backup.Node, mdi(timers), interval(b))
	p.EventOnly = true
	p.Text += fmt.Sprintf(". Then %s and %s both hold %s until the partition heals", holders[0], backup.Node, d.Address.Name)
	return p
}
