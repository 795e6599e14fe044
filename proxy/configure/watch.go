package configure

import (
	"net/netip"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// watch is what a node of the design reports of its network: its routes, and on a member of addresses who announces these. nil on a
// shared network stack, where the agents relay the addresses.
func (c configurer) watch(node topology.Node) *proxy.NetworkWatch {
	if c.site.Shared {
		return nil
	}
	w := &proxy.NetworkWatch{Routes: true}
	for _, address := range c.t.Addresses {
		if _, ok := member(address, node.Name); ok {
			c.add(w, address)
			w.Holds = true
		}
	}
	return w
}

// watched is what a group of users reports of its network: who announces the address at which it enters. nil: it enters elsewhere.
func (c configurer) watched(group topology.Group) *proxy.NetworkWatch {
	address, ok := c.t.EntryAddress(group.Name)
	if !ok || c.site.Shared {
		return nil
	}
	w := &proxy.NetworkWatch{}
	c.add(w, address)
	return w
}

// add adds an address. One that the lab did not give is left out: it is refused where it is used.
func (c configurer) add(w *proxy.NetworkWatch, address topology.Address) {
	vip, ok := c.site.VIP[address.Name]
	if !ok {
		return
	}
	if w.Addresses == nil {
		w.Addresses = map[netip.Addr]string{}
	}
	w.Addresses[vip] = address.Name
}
