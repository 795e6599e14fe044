package design

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// assumedBits is the length of a network that no file says.
const assumedBits = 24

// networks finds the networks of the nodes: those whose length a file says, else of /24.
func (m *maker) networks() error {
	m.used = map[netip.Addr]bool{}
	var said, assumed []netip.Prefix
	add := func(p netip.Prefix) {
		switch {
		case !p.IsValid() || !p.Addr().Is4():
		case p.Bits() < p.Addr().BitLen():
			said = append(said, p.Masked())
		default:
			assumed = append(assumed, netip.PrefixFrom(p.Addr(), assumedBits).Masked())
		}
	}
	for _, h := range m.Hosts {
		if len(h.Runs) == 0 {
			continue
		}
		if !h.Address().Is4() {
			return reason.Errorf("no-address", "node %s has no IPv4 address in the files; give one with --node %s=ADDRESS", h.Name, h.Name)
		}
		for _, i := range h.Interfaces {
			if i.Address.IsValid() {
				add(i.Address)
			}
		}
	}
	for _, v := range m.Inventory(&deployment.Found{}).Virtual {
		if v.Address.Bits() > 8 { // the files of keepalived often give a virtual address /32
			add(v.Address)
		}
		m.used[v.Address.Addr()] = true
	}
	for _, h := range m.Hosts {
		if h.Keepalived == nil {
			continue
		}
		for _, i := range h.Keepalived.Instances {
			for _, a := range i.Excluded {
				m.used[a.Value.Addr()] = true
			}
		}
	}
	shortest := func(a, b netip.Prefix) int { return a.Bits() - b.Bits() }
	slices.SortStableFunc(said, shortest)
	all := append(said, assumed...) // what a file says counts before what is assumed
	d := m.t.Deployed
	for _, p := range all {
		if !slices.ContainsFunc(d.Networks, func(n topology.Network) bool { return n.Prefix.Contains(p.Addr()) }) {
			d.Networks = append(d.Networks, topology.Network{Name: fmt.Sprintf("net%d", len(d.Networks)), Prefix: p})
		}
	}
	m.order()
	return nil
}

// order puts the network of the users' first entry first.
func (m *maker) order() {
	d := m.t.Deployed
	for _, e := range m.System.Users {
		for i, n := range d.Networks {
			if e.Address.IsValid() && n.Prefix.Contains(e.Address.Addr()) {
				d.Networks[0], d.Networks[i] = d.Networks[i], d.Networks[0]
				return
			}
		}
	}
}

// network is the network of an address.
func (m *maker) network(addr netip.Addr) topology.Network {
	for _, n := range m.t.Deployed.Networks {
		if n.Prefix.Contains(addr) {
			return n
		}
	}
	return topology.Network{}
}

// rank is the place of a network in the list.
func (m *maker) rank(name string) int {
	return slices.IndexFunc(m.t.Deployed.Networks, func(n topology.Network) bool { return n.Name == name })
}
