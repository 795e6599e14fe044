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
	if len(d.Holders()) > 1 || f.Pick == target.PickFirst && f.Candidates[0].Node != d.Holders()[0] {
		return open("before the fault it is unknown whether the node holds the address")
	}
	return d.unheard("until the partition heals")
}

// predictMuted predicts for a killed or frozen keepalived. It sends no advertisement and leaves the address where it is.
func (d Predictor) predictMuted(f fault.Planned) *Prediction {
	switch holders := d.Holders(); {
	case d.Address == nil:
		return quiet("users enter at no address that keepalived holds")
	case f.Pick == target.PickAll || len(holders) > 1:
		return open("before the fault it is unknown which struck node holds the address")
	case f.Pick == target.PickNotHolder || f.Pick == target.PickFirst && f.Candidates[0].Node != holders[0]:
		return quiet("%s holds the address, and its keepalived runs", holders[0])
	case len(d.Members) < 2:
		return quiet("no other member takes the address, and %s keeps it", holders[0])
	}
	return d.unheard("until keepalived runs again; kept connections end when the users reach the other node")
}

// unheard predicts when the best of the other members takes the address of the only holder, which keeps it.
func (d Predictor) unheard(until string) *Prediction {
	holder := d.Holders()[0]
	backup := d.backup(holder)
	timers := d.timers(backup.Priority)
	b := timers.Silence()
	p := elected(b, "%s receives no advertisement: MDI - A to MDI, %s: %s", backup.Node, mdi(timers), interval(b))
	p.EventOnly = true
	p.Text += fmt.Sprintf(". Then %s and %s both hold %s %s", holder, backup.Node, d.Address.Name, until)
	return p
}
