package predict

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology"
)

// promise is the share of the offered load that the design promises while a fault lasts, above 0 and below 1, and what limits it. The
// zero promise: all of the load.
type promise struct {
	share float64
	by    string
}

// Promised finds the share of the load that the design promises while a fault lasts, and what limits it: the least of what a shedding
// generator, the remaining links and the remaining exits carry. 0: all of it.
func (d Predictor) Promised(f fault.Planned) (share float64, by string) {
	least := promise{share: 1}
	for _, p := range []promise{d.promisedPower(f), d.promisedLinks(f), d.promisedExits(f)} {
		if p.share > 0 && p.share < least.share {
			least = p
		}
	}
	if least.share == 1 {
		return 0, ""
	}
	return least.share, least.by
}

// promisedPower is the capacity of a generator that sheds nodes which users need.
func (d Predictor) promisedPower(f fault.Planned) promise {
	if len(f.Power) == 0 {
		return promise{}
	}
	last := map[policy.PSUOf]policy.Supply{} // before the mains are back
	for _, c := range f.Power {
		if c.At < f.Undo-f.At {
			last[policy.PSUOf{Node: c.Node, PSU: c.PSU}] = c.Supply
		}
	}
	dark := map[string]bool{}
	for _, s := range policy.Switches(d.Topology, f.Power) {
		if s.At < f.Undo-f.At {
			dark[s.Node] = !s.On
		}
	}
	var gone []topology.Component
	sheds, carries := map[string]bool{}, map[string]bool{}
	for _, n := range d.Topology.Nodes {
		if dark[n.Name] {
			gone = append(gone, topology.Component{Kind: topology.KindNode, Name: n.Name})
		}
		for _, psu := range n.Hardware().PSUs {
			feed, _ := d.Topology.Power.Feed(psu.Feed)
			if feed.Generator == "" {
				continue
			}
			switch last[policy.PSUOf{Node: n.Name, PSU: psu.Name}] {
			case policy.OnGenerator:
				carries[feed.Generator] = true
			case policy.NoSupply:
				sheds[feed.Generator] = sheds[feed.Generator] || dark[n.Name]
			}
		}
	}
	if d.leftOver(gone) > 1-shareEpsilon {
		return promise{} // other nodes serve in place of the shed ones
	}
	least := promise{}
	for _, g := range d.Topology.Power.Generators {
		if sheds[g.Name] && carries[g.Name] && (least.share == 0 || g.Capacity < least.share) {
			least = promise{g.Capacity, "capacity of generator " + g.Name}
		}
	}
	return least
}

const shareEpsilon = 1e-9

// leftOver is the share of all requests that have a path after every mechanism has reacted to a loss.
func (d Predictor) leftOver(gone []topology.Component) float64 {
	all := 0.0
	for _, share := range d.flows(gone) {
		all += share
	}
	return all
}

// flows is the share of all requests that each WAN link carries after every mechanism has reacted to a loss.
func (d Predictor) flows(gone []topology.Component) map[string]float64 {
	users := 0
	for _, g := range d.Topology.Users {
		users += g.Count
	}
	by := map[string]float64{}
	for _, g := range d.Topology.Users {
		for link, share := range d.Topology.Flows(g.Name, gone...) {
			by[link] += share * float64(g.Count) / float64(users)
		}
	}
	return by
}

// answerHead is an allowance, in bytes, for HTTP header fields and TLS records of an answer.
const answerHead = 512

// promisedLinks is the share that WAN links carry when they take over the requests of others: at most their bandwidth. It is the zero
// promise if some requests have no path left, or if caches may answer.
func (d Predictor) promisedLinks(f fault.Planned) promise {
	gone, known := d.gone(f)
	strikes := []proxy.FaultKind{fault.PowerLoss, fault.LinkDown, fault.Crash, fault.Hang, fault.WANLoss}
	if !known || d.load.Objects != nil || !slices.Contains(strikes, f.Kind) || d.leftOver(gone) < 1-shareEpsilon {
		return promise{}
	}
	before := d.flows(nil)
	offered := d.load.Rate * float64(8*(d.load.Body+answerHead))
	carried := 0.0
	var narrow []string
	for _, l := range d.Topology.WAN {
		share := d.flows(gone)[l.Name]
		room := float64(l.Bandwidth) / offered
		if l.Bandwidth > 0 && share > room && share > before[l.Name]+shareEpsilon {
			narrow = append(narrow, l.Name)
			share = room
		}
		carried += share
	}
	if len(narrow) == 0 {
		return promise{}
	}
	return promise{math.Floor(carried*1000) / 1000, "bandwidth of " + strings.Join(narrow, ", ")}
}

// promisedExits is the share of a pool's exits that a site does not block. Users go on rotating over all exits, since a refusal is an
// answer.
func (d Predictor) promisedExits(f fault.Planned) promise {
	if f.Kind != fault.ExitBlock || !d.Pool || len(d.places()) > 1 {
		return promise{}
	}
	left := len(d.Members)
	for _, m := range d.Members {
		if slices.Contains(f.Nodes(), m) {
			left--
		}
	}
	if left == 0 || left == len(d.Members) || !f.Fixed() {
		return promise{}
	}
	return promise{float64(left) / float64(len(d.Members)), fmt.Sprintf("%d of %d exits left", left, len(d.Members))}
}
