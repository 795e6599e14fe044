package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const ConfigBreak proxy.FaultKind = "config-break"

var configBreak = Kind{
	Name:        ConfigBreak,
	About:       "a service reloads an invalid configuration",
	Section:     OfNode,
	Roles:       nodeRoles,
	Service:     true,
	Parameters:  []Parameter{choice("program", programs, "the program with the invalid configuration", ProgramKeepalived)},
	read:        readConfigBreak,
	program:     struckProgram,
	complete:    completeConfigBreak,
	Ends:        true,
	Executor:    agent.ConfigBreak,
	Docker:      Fidelity{Real, "an invalid line is added at the end of the configuration, then the engine gets its own reload signal, without a check of the configuration"},
	RealEngines: true,
	Local:       unsupported,
}

func readConfigBreak(o yamlfile.Object, f *Fault) {
	f.Program = o.Get("program").OneOf(programs[0], programs...)
}

// completeConfigBreak refuses a service that cannot reload.
func completeConfigBreak(d design.View, f *Planned) error {
	for _, c := range f.Candidates {
		n, _ := d.Topology.Node(c.Node)
		if s, ok := n.Service(c.Service); ok {
			if e, _ := registry.Of(string(s.Engine)); e.Reload == nil {
				return reason.Errorf("no-reload", "%s runs the engine %s, which cannot reload its configuration; use the fault crash", c, s.Engine)
			}
		}
	}
	return nil
}
