package predict

import (
	"fmt"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
)

// heeds reports whether a node's signals say something before its end, or without one, that has an effect of its own: a
// supply that is lost while the rest carry the node is a warning, which has a node that drains leave before it dies, and
// without preemption leave at once.
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

// predictFeed is for the loss of feeds of which at most one node dies, once and until the undoing.
func (d Predictor) predictFeed(f fault.Planned) *Prediction {
	var off []policy.Switch
	for _, s := range policy.Switches(d.Topology, f.Power) {
		if s.At < f.Undo-f.At {
			off = append(off, s)
		}
	}
	if d.heeds(f.Power, off) {
		return open("a node that drains hears of it before its end, or leaves though it would not end")
	}
	if len(off) == 0 {
		return quiet("every node keeps as many supplies as it needs")
	}
	if len(off) > 1 {
		return open("power goes and comes more than once, or on more than one node")
	}
	loss := f
	loss.At += off[0].At
	loss.Kind, loss.Pick, loss.Candidates = proxy.PowerLoss, target.PickFirst, []fault.Candidate{{Node: off[0].Node}}
	p := d.predictLoss(loss)
	if p.Never || p.unknown || p.quiet() || off[0].At == 0 {
		return p
	}
	p.Lo, p.Hi = p.Lo+off[0].At, p.Hi+off[0].At
	p.Text = fmt.Sprintf("%s is without power after %s, then %s; from the loss of the feed %s to %s",
		off[0].Node, round(off[0].At), p.Text, round(p.Lo), round(p.Hi))
	return p
}
