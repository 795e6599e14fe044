package predict

import (
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/topology"
)

// predictConfigBreak depends on the engine: HAProxy and nginx keep their old configuration; Squid dies of an invalid one, which is a
// crash. keepalived is not predicted.
func (d Predictor) predictConfigBreak(f fault.Planned) *Prediction {
	if f.Program != fault.ProgramService {
		return open("no timer says how keepalived reacts to a broken configuration")
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
		return open("it may strike different engines, which react differently to a broken configuration")
	case dies:
		return d.predictLoss(f)
	}
	return quiet("the engine refuses the configuration and goes on with the one it has")
}
