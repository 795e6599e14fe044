package deployment

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
)

// ownAddresses takes the addresses that a file says are its node's own.
func (f *finder) ownAddresses() {
	for i := range f.Nodes {
		n := &f.Nodes[i]
		for _, r := range n.Runs {
			if of := f.factsOf(r.File); f.runners(r.File) == 1 {
				f.owns(n, of)
			}
			for _, v := range f.factsOf(r.File).virtual {
				n.interfaceFor(v)
			}
		}
		f.note(n)
	}
	f.peers()
}

// runners counts the nodes that run a file.
func (f *finder) runners(path string) (n int) {
	for _, node := range f.Nodes {
		if slices.ContainsFunc(node.Runs, func(r Run) bool { return r.File == path }) {
			n++
		}
	}
	return n
}

// owns gives a node the addresses of its file alone: the source of its adverts, and where it listens if that is no virtual address.
func (f *finder) owns(n *Node, of *facts) {
	for _, own := range of.own {
		n.has(own)
	}
	for _, l := range of.listens {
		if l.addr.IsValid() && !l.addr.IsLoopback() && !f.isVirtual(l.addr) {
			n.has(Interface{Address: netip.PrefixFrom(l.addr, l.addr.BitLen()), From: Source{At: l.at, Why: "listens at it"}})
		}
	}
}

// has adds an own address.
func (n *Node) has(own Interface) {
	for i := range n.Interfaces {
		if n.Interfaces[i].Address.IsValid() && n.Interfaces[i].Address.Addr() == own.Address.Addr() {
			n.Interfaces[i].Name = cmp.Or(n.Interfaces[i].Name, own.Name)
			return
		}
	}
	n.Interfaces = append(n.Interfaces, own)
}

// interfaceFor gives a node the interface of a virtual address: a known one in its network, else a new one without an address.
func (n *Node) interfaceFor(v virtual) {
	for i := range n.Interfaces {
		one := &n.Interfaces[i]
		near := one.Address.IsValid() && (v.address.Masked().Contains(one.Address.Addr()) || neighbours(one.Address.Addr(), v.address.Addr()))
		if one.Name == v.on || one.Name == "" && near {
			one.Name = v.on
			return
		}
	}
	n.Interfaces = append(n.Interfaces, Interface{Name: v.on, From: Source{At: v.at, Why: "interface of " + v.instance}})
}

// neighbours tells whether two addresses are in the same /24 or /64.
func neighbours(a, b netip.Addr) bool {
	p, err := a.Prefix(map[bool]int{true: 24, false: 64}[a.Is4()])
	return err == nil && p.Contains(b)
}

func (f *finder) isVirtual(addr netip.Addr) bool {
	return slices.ContainsFunc(f.facts, func(of *facts) bool {
		return slices.ContainsFunc(of.virtual, func(v virtual) bool { return v.address.Addr() == addr })
	})
}

// peers gives the addresses of unicast_peer to the members that have none; for the others there is no file.
func (f *finder) peers() {
	for _, of := range f.facts {
		for _, peer := range of.peers {
			if _, ok := f.Host(peer.Address.Addr().String()); ok {
				continue
			}
			open := slices.IndexFunc(f.Nodes, func(n Node) bool {
				r, member := n.Run(Keepalived)
				return member && r.File != of.Path && !n.Address().IsValid()
			})
			if open >= 0 {
				f.Nodes[open].Interfaces = nil
				f.Nodes[open].has(peer)
				f.note(&f.Nodes[open])
				continue
			}
			n := f.node(f.unnamed(use{}), peer.From)
			n.has(peer)
			f.note(n)
			f.gap(peer.From, fmt.Sprintf("--run %s=keepalived.conf", n.Name), "nothing is said about it", fmt.Sprintf("the keepalived.conf of the peer %s", peer.Address.Addr()))
		}
	}
}
