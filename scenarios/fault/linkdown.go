package fault

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const LinkDown proxy.FaultKind = "link-down"

var linkDown = Kind{
	Name:       LinkDown,
	About:      "interfaces of a node go down; its processes live, and see it",
	Section:    OfNode,
	Roles:      nodeRoles,
	Parameters: []Parameter{share, {"interface", "a name of an interface", "all of the node", "the interface that goes down", "eth0"}},
	read:       readLinkDown,
	Became:     "disconnected",
	Executor:   agent.LinkDown,
	Docker:     Fidelity{Real, "the interface is set down in the node; its addresses stay, its routes are lost, and its peers hear nothing"},
	Local:      unsupported,
}

func readLinkDown(o yamlfile.Object, f *Fault) {
	readShare(o, f)
	f.Interface = o.Get("interface").Name()
}
