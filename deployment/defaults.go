package deployment

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// defaults gives nodes without an address one in the network of their neighbours. A gap names each.
func (f *finder) defaults() {
	for i := range f.Nodes {
		n := &f.Nodes[i]
		if len(n.Interfaces) == 0 {
			n.Interfaces = []Interface{{}}
		}
		for j := range n.Interfaces {
			if one := &n.Interfaces[j]; !one.Address.IsValid() {
				f.assume(n, one)
			}
		}
	}
}

// assume gives an interface the first free address of its network.
func (f *finder) assume(n *Node, one *Interface) {
	subnet, why := f.subnet(n, one.Name)
	addr, ok := f.freeIn(subnet)
	if !ok && one.Name == "" { // thousands of servers fill it; an interface of a virtual address must be in its network
		subnet, why = otherNetwork, Source{}
		addr, ok = f.freeIn(subnet)
	}
	if !ok {
		return
	}
	if len(n.Interfaces) > 1 {
		f.vote = nil // the first of them decides whether the node has a vote
	}
	one.Address, one.From = netip.PrefixFrom(addr, subnet.Bits()), Source{At: why.At, Why: "free in " + subnet.String(), Assumed: true}
	f.note(n)
	value := addr.String()
	if one.Name != "" && len(n.Interfaces) > 1 {
		value = one.Name + ":" + one.Address.String()
	}
	at := n.From
	at.Assumed = true
	f.gap(at, fmt.Sprintf("--node %s=%s", n.Name, value), value, "the address of "+n.Name+onInterface(one.Name))
}

// otherNetwork is taken where the network of the neighbours is full.
var otherNetwork = netip.MustParsePrefix("10.99.0.0/24")

// freeIn is the first free address of a network; false: there is none.
func (f *finder) freeIn(subnet netip.Prefix) (addr netip.Addr, ok bool) {
	addr = subnet.Addr()
	for range firstHost {
		addr = addr.Next()
	}
	for subnet.Contains(addr) && f.taken(addr) {
		addr = addr.Next()
	}
	return addr, subnet.Contains(addr)
}

// firstHost is the number of the first address that is given out.
const firstHost = 11

func onInterface(name string) string {
	if name == "" {
		return ""
	}
	return " on " + name
}

// taken tells whether an address is in use.
func (f *finder) taken(addr netip.Addr) bool {
	_, ok := f.known.addresses[addr]
	return ok || f.isVirtual(addr)
}

// subnet is the network of an interface: that of its virtual address, else the one in which most addresses lie.
func (f *finder) subnet(n *Node, on string) (netip.Prefix, Source) {
	for _, r := range n.Runs {
		for _, v := range f.factsOf(r.File).virtual {
			if v.on == on {
				return wide(v.address), Source{At: v.at}
			}
		}
	}
	if f.vote == nil {
		f.vote = f.poll()
	}
	return f.vote.best, f.vote.from
}

// vote is the network in which most addresses lie, and where it is from.
type vote struct {
	best netip.Prefix
	from Source
}

// poll counts the addresses in each network.
func (f *finder) poll() *vote {
	count, from := map[netip.Prefix]int{}, map[netip.Prefix]Source{}
	add := func(p netip.Prefix, weight int, s Source) {
		if count[p] += weight; weight > 0 && from[p].At.Line == 0 {
			from[p] = s
		}
	}
	for _, of := range f.facts {
		for _, v := range of.virtual {
			add(wide(v.address), 3, Source{At: v.at})
		}
		for _, net := range of.nets {
			add(net.Address.Masked(), 1, net.From)
		}
	}
	for i := range f.Nodes {
		other := &f.Nodes[i]
		if addr := other.Address(); addr.IsValid() && addr.Is4() && !other.Interfaces[0].From.Assumed {
			add(wide(netip.PrefixFrom(addr, 32)), 2, other.Interfaces[0].From)
		}
	}
	if len(count) == 0 {
		return &vote{best: otherNetwork}
	}
	best := slices.MaxFunc(slices.Collect(maps.Keys(count)), func(a, b netip.Prefix) int {
		return cmp.Or(cmp.Compare(count[a], count[b]), b.Addr().Compare(a.Addr()), cmp.Compare(a.Bits(), b.Bits()))
	})
	return &vote{best, from[best]}
}

// wide is the network of an address; a length that holds one address only is taken as /24.
func wide(p netip.Prefix) netip.Prefix {
	if p.IsSingleIP() && p.Addr().Is4() {
		p = netip.PrefixFrom(p.Addr(), 24)
	}
	return p.Masked()
}

// entries says where users come in: by PAC files; at the virtual addresses; else at the nodes that no other one uses.
func (f *finder) entries() {
	if len(f.hints.Users) > 0 {
		f.Users = f.hints.Users
		return
	}
	for _, one := range f.pacFiles() {
		browser := cmp.Or(f.hints.Browser, "chrome")
		at := Source{At: configtext.Pos{File: one.Path, Line: 1, Col: 1}, Why: "PAC file"}
		f.Users = append(f.Users, Entry{PAC: one.Path, Browser: browser, From: at})
		if f.hints.Browser == "" {
			f.gap(at, "--browser chrome|firefox", browser, "which browser follows "+filepath.Base(one.Path))
		}
	}
	f.virtualEntries()
	if len(f.Users) == 0 {
		f.nodeEntries()
	}
	if len(f.Users) == 0 {
		f.gap(Source{}, "--users ADDRESS:PORT", "none", "where users come in: nothing listens at a virtual address or at a node that no other one uses")
	}
}

// virtualEntries are the listeners behind virtual addresses.
func (f *finder) virtualEntries() {
	for _, n := range f.Nodes {
		for _, r := range n.Runs {
			for _, v := range f.factsOf(r.File).virtual {
				if !v.excluded {
					f.enter(&n, v.address.Addr())
				}
			}
		}
	}
}

// enter adds the ports at which a node listens for an address.
func (f *finder) enter(n *Node, addr netip.Addr) {
	for _, r := range n.Runs {
		for _, l := range f.factsOf(r.File).listens {
			if l.admin || l.addr.IsValid() && l.addr != addr {
				continue
			}
			e := Entry{Address: netip.AddrPortFrom(addr, l.port), From: Source{At: l.at, Why: r.Engine + " of " + n.Name + " listens"}}
			if !slices.ContainsFunc(f.Users, func(o Entry) bool { return o.Address == e.Address && o.PAC == "" }) {
				f.Users = append(f.Users, e)
			}
		}
	}
}

// nodeEntries are the listeners of the nodes that no other one uses as a server or parent.
func (f *finder) nodeEntries() {
	behind := map[string]bool{}
	for _, w := range f.needs {
		behind[w.node] = behind[w.node] || w.role != roleSibling
	}
	for i := range f.Nodes {
		n := &f.Nodes[i]
		if addr := n.Address(); !behind[n.Name] && addr.IsValid() {
			f.enter(n, addr)
		}
	}
}

// sideFiles gives nodes the files that are no engine's configuration: the kernel's settings to those that hold virtual addresses.
func (f *finder) sideFiles() {
	for _, one := range f.files {
		if _, owned := f.owner[one.Path]; owned || one.kind != kindSysctl {
			continue
		}
		at := configtext.Pos{File: one.Path, Line: 1, Col: 1}
		for i := range f.Nodes {
			if _, member := f.Nodes[i].Run(Keepalived); member {
				m := Mount{"/etc/sysctl.d/" + filepath.Base(one.Path), one.Path, Source{At: at, Why: "settings of the kernel, for the nodes with virtual addresses", Assumed: true}}
				if strings.HasSuffix(m.Path, "/sysctl.conf") {
					m.Path = "/etc/sysctl.conf"
				}
				f.Nodes[i].Files = append(f.Nodes[i].Files, m)
			}
		}
	}
}
