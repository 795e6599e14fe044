package fault

import (
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const PSUFailure proxy.FaultKind = "psu-failure"

var psuFailure = Kind{
	Name:       PSUFailure,
	About:      "one power supply breaks; the node loses power if the others do not carry it",
	Section:    OfHardware,
	Roles:      nodeRoles,
	Parameters: []Parameter{{"psu", "name of a PSU of the node", "the first", "the PSU that breaks", "psu-2"}},
	read:       readPSU,
	complete:   completePSU,
	Warns:      true,
	Executor:   agent.PSUFailure,
	Docker:     Fidelity{Emulated, "a model of the chassis in the node's agent; if the other PSUs do not carry the node, a real loss of power"},
	Local:      Fidelity{Emulated, "a model of the chassis in the node's agent; if the other PSUs do not carry the node, a loss of power emulated as for power-loss"},
}

func readPSU(o yamlfile.Object, f *Fault) { f.PSU = o.Get("psu").Name() }

// completePSU refuses a PSU that a candidate does not have.
func completePSU(d design.View, f *Planned) error {
	for _, c := range f.Candidates {
		n, _ := d.Topology.Node(c.Node)
		var names []string
		for _, p := range n.Hardware().PSUs {
			names = append(names, p.Name)
		}
		if f.PSU != "" && !slices.Contains(names, f.PSU) {
			return reason.Errorf("unknown-psu", "node %s has no PSU %q%s; it has: %s", c.Node, f.PSU, yamlfile.Suggest(f.PSU, names), strings.Join(names, ", "))
		}
	}
	return nil
}
