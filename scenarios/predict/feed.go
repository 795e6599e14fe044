package predict

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// heeds reports whether a node reacts to a warning before it dies, or without dying. The loss of a supply is a warning if the others
// carry the node. With the signals drain the node leaves at the warning; without preemption it releases its address at once.
func (d Predictor) heeds(changes []policy.Change, off []policy.Switch) bool {
	if d.Topology.Signals != topology.Drain {
		return false
	}
	return slices.ContainsFunc(changes, func(c policy.Change) bool {
		if c.Supply != policy.NoSupply {
			return false
		}
		dies := slices.IndexFunc(off, func(s policy.Switch) bool { return s.Node == c.Node && !s.On })
		if dies < 0 {
			return d.Address != nil && !d.Address.Preempt && slices.Contains(d.Members, c.Node)
		}
		return c.At < off[dies].At
	})
}

// predictFeed predicts for the loss of feeds, if at most one node loses power, once and until the fault is undone.
func (d Predictor) predictFeed(f fault.Planned) *Prediction {
	var off []policy.Switch
	for _, s := range policy.Switches(d.Topology, f.Power) {
		if s.At < f.Undo-f.At {
			off = append(off, s)
		}
	}
	if d.heeds(f.Power, off) {
		return open("at a warning, a node drains before it loses power, or releases its address although it keeps power")
	}
	if len(off) == 0 {
		return quiet("every node keeps the supplies that it needs")
	}
	if len(off) > 1 {
		return open("power is lost or returns more than once, or on more than one node")
	}
	loss := f
	loss.At += off[0].At
	loss.Kind, loss.Pick, loss.Candidates = fault.PowerLoss, target.PickFirst, []fault.Candidate{{Node: off[0].Node}}
	p := d.predictLoss(loss)
	if p.Never || p.unknown || p.quiet() || off[0].At == 0 {
		return p
	}
	p.Lo, p.Hi = p.Lo+off[0].At, p.Hi+off[0].At
	p.Text = fmt.Sprintf("%s loses power after %s, then %s; from the loss of the feed: %s to %s",
		off[0].Node, round(off[0].At), p.Text, round(p.Lo), round(p.Hi))
	return p
}
