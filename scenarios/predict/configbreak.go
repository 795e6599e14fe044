package predict

import (
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology"
)

// predictConfigBreak depends on the engine: HAProxy and nginx keep their old configuration. Squid dies of an invalid one: a crash.
// keepalived has no formula.
func (d Predictor) predictConfigBreak(f fault.Planned) *Prediction {
	if f.Program != fault.ProgramService {
		return open("no timer bounds how keepalived reacts to an invalid configuration")
	}
	engines, dies := map[topology.Engine]bool{}, false
	for _, c := range f.Candidates {
		n, _ := d.Topology.Node(c.Node)
		s, _ := n.Service(c.Service)
		e, _ := registry.Of(string(s.Engine))
		engines[s.Engine], dies = true, e.DiesOfReload
	}
	switch {
	case len(engines) != 1:
		return open("the candidates run different engines, which react differently to an invalid configuration")
	case dies:
		return d.predictLoss(f)
	}
	return quiet("the engine refuses the configuration and keeps the old one")
}
