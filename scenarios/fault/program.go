package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Programs of a node that a fault strikes.
const (
	ProgramService    = "service"               // the service of the role
	ProgramKeepalived = proxy.ServiceKeepalived // it holds the node's addresses
)

var programs = []string{ProgramService, ProgramKeepalived}

// readStruck reads the parameters of a fault that strikes a program of each target. An empty Program is the service of the role.
func readStruck(o yamlfile.Object, f *Fault) {
	readShare(o, f)
	if o.Get("program").OneOf(programs[0], programs...) == ProgramKeepalived {
		f.Program = ProgramKeepalived
	}
}

// struckProgram names the process that the fault strikes.
func struckProgram(d design.View, f Fault, node string) (string, error) {
	if f.Program == ProgramKeepalived {
		return keepalivedOn(d, node)
	}
	return serviceOf(d, f, node)
}

// keepalivedOn gives the process that holds the addresses of a node.
func keepalivedOn(d design.View, node string) (string, error) {
	for _, a := range d.Topology.Addresses {
		for _, m := range a.Members {
			if m.Node == node {
				return proxy.ServiceKeepalived, nil
			}
		}
	}
	return "", reason.Errorf("no-keepalived", "node %s runs no keepalived, because it is a member of no address", node)
}
