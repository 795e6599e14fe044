package fault

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var configBreak = Kind{
	Name:        proxy.ConfigBreak,
	About:       "a service reloads a configuration that is wrong",
	Section:     OfNode,
	Roles:       nodeRoles,
	Service:     true,
	Parameters:  []Parameter{choice("program", programs, "whose configuration is spoiled", "keepalived")},
	read:        readConfigBreak,
	program:     brokenProgram,
	complete:    completeConfigBreak,
	Docker:      Fidelity{Real, "a line that is wrong at the end of the configuration, and the engine's own signal to reload it, unchecked"},
	RealEngines: true,
	Local:       unsupported,
}

// Programs that a config-break may strike.
const (
	ProgramService    = "service"    // the one that the role means
	ProgramKeepalived = "keepalived" // what holds the node's addresses
)

var programs = []string{ProgramService, ProgramKeepalived}

func readConfigBreak(o yamlfile.Object, f *Fault) {
	f.Program = o.Get("program").OneOf(programs[0], programs...)
}

// completeConfigBreak refuses what reads its configuration only once.
func completeConfigBreak(d design.View, f *Planned) error {
	for _, c := range f.Candidates {
		n, _ := d.Topology.Node(c.Node)
		if s, ok := n.Service(c.Service); ok {
			if e, _ := registry.Of(string(s.Engine)); e.Reload == nil {
				return fmt.Errorf("%s is of the engine %s, which reads its configuration once and cannot reload; crash is what is left", c, s.Engine)
			}
		}
	}
	return nil
}

// brokenProgram is keepalived where the fault says so.
func brokenProgram(d design.View, f Fault, node string) (string, error) {
	if f.Program == ProgramKeepalived {
		return keepalivedOn(d, node)
	}
	return serviceOf(d, f, node)
}

// keepalivedOn gives the process that holds addresses on a node, for a fault that strikes it.
func keepalivedOn(d design.View, node string) (string, error) {
	for _, a := range d.Topology.Addresses {
		for _, m := range a.Members {
			if m.Node == node {
				return proxy.ServiceKeepalived, nil
			}
		}
	}
	return "", fmt.Errorf("node %s holds no address, so there is no keepalived on it", node)
}
