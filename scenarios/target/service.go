package target

import (
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology"
)

// ServiceOn finds the service of a node that a fault of services strikes. The role decides: the service at the entry port, the
// forward proxy, the balancer or the DNS responder. On a node that is named but is no entry it is the forward proxy, else the
// balancer, else the DNS responder.
func ServiceOn(d design.View, t Target, node string) (service topology.Service, found bool) {
	n, _ := d.Topology.Node(node)
	switch t.Role {
	case RoleProxy:
		service, found = n.ForwardProxy()
	case RoleBalancer:
		service, found = n.Balancer()
	case RoleDNS:
		service, found = n.Responder()
	default:
		if service, found = d.EntryService(node); !found && !t.Symbol() {
			service, found = namedService(n)
		}
	}
	return service, found
}

func namedService(n topology.Node) (topology.Service, bool) {
	if proxy, ok := n.ForwardProxy(); ok {
		return proxy, true
	}
	if balancer, ok := n.Balancer(); ok {
		return balancer, true
	}
	return n.Responder()
}
