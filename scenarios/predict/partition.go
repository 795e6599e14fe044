package predict

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
)

// predictPartition predicts when another member takes the address too, because it receives no advertisement of the holder. The network
// decides which of the two the users reach: it follows the last announcement.
func (d Predictor) predictPartition(f fault.Planned) *Prediction {
	if d.Address == nil || f.From != fault.FromMembers || f.Pick != target.PickHolder && f.Pick != target.PickFirst {
		return open("timers bound only a partition between the holder of an address and its other members")
	}
	holders := d.Holders()
	if len(holders) > 1 || f.Pick == target.PickFirst && f.Candidates[0].Node != holders[0] {
		return open("before the fault it is unknown whether the node holds the address")
	}
	backup := d.backup(holders[0])
	timers := d.timers(backup.Priority)
	b := timers.Silence()
	p := elected(b, "%s receives no advertisement: MDI - A to MDI, %s: %s", backup.Node, mdi(timers), interval(b))
	p.EventOnly = true
	p.Text += fmt.Sprintf(". Then %s and %s both hold %s until the partition heals", holders[0], backup.Node, d.Address.Name)
	return p
}
