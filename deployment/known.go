package deployment

import (
	"net/netip"
	"slices"
	"strings"
)

// known are the nodes of a finder by what files call them, each with the first one that has it: files with thousands of servers ask for
// each of them.
type known struct {
	names     map[string]int
	called    map[string]int // also further names, in lower case
	addresses map[netip.Addr]int
}

// index notes all nodes.
func (f *finder) index() {
	f.known = known{map[string]int{}, map[string]int{}, map[netip.Addr]int{}}
	for i := range f.Nodes {
		f.noteAt(i)
	}
}

// note notes a node that has a new name or address.
func (f *finder) note(n *Node) {
	i, ok := f.known.names[n.Name]
	if !ok || &f.Nodes[i] != n { // two services of one name
		i = slices.IndexFunc(f.Nodes, func(o Node) bool { return o.Name == n.Name && slices.Equal(o.Interfaces, n.Interfaces) })
	}
	f.noteAt(i)
}

func (f *finder) noteAt(i int) {
	n := &f.Nodes[i]
	first(f.known.names, n.Name, i)
	first(f.known.called, strings.ToLower(n.Name), i)
	for _, name := range n.Names {
		first(f.known.called, strings.ToLower(name), i)
	}
	for _, one := range n.Interfaces {
		if one.Address.IsValid() {
			first(f.known.addresses, one.Address.Addr(), i)
		}
	}
}

// first notes a node under a key, unless an earlier one has it.
func first[K comparable](of map[K]int, key K, i int) {
	if had, ok := of[key]; !ok || i < had {
		of[key] = i
	}
}

// Node gives the node of that name.
func (f *finder) Node(name string) (*Node, bool) {
	return f.at(f.known.names[name], has(f.known.names, name))
}

// Host gives the node that files call host: by a name or an address.
func (f *finder) Host(host string) (*Node, bool) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return f.at(f.known.addresses[addr], has(f.known.addresses, addr))
	}
	name := strings.ToLower(host)
	return f.at(f.known.called[name], has(f.known.called, name))
}

func has[K comparable](of map[K]int, key K) bool {
	_, ok := of[key]
	return ok
}

func (f *finder) at(i int, ok bool) (*Node, bool) {
	if !ok {
		return nil, false
	}
	return &f.Nodes[i], true
}
