package topology

import "slices"

// maxPaths bounds Paths; a design can have a million of them.
const maxPaths = 1000

// Paths lists the paths of a group's requests to the origins, at most 1000; that of the healthy design is the first. A path is a
// list of names: the group, the address if there is one, the services as node/service, the WAN link and the origin. nil if there
// is no such group.
func (t *Topology) Paths(group string) [][]string {
	g, ok := t.Group(group)
	if !ok {
		return nil
	}
	entry := []string{g.Name}
	if _, ok := t.EntryAddress(group); ok {
		entry = append(entry, g.Proxy.Host)
	}
	var paths [][]string
	for _, name := range t.Holders(group) {
		n, _ := t.Node(name)
		s, _ := n.Serving(g.Proxy.Port)
		at := extend(entry, n.Name+"/"+s.Name)
		for _, way := range t.behind(at, n, s) {
			for _, o := range t.Origins {
				if len(paths) == maxPaths {
					return paths
				}
				paths = append(paths, extend(way, o.Name))
			}
		}
	}
	return paths
}

// behind continues a path from a service to the WAN links.
func (t *Topology) behind(path []string, n Node, s Service) [][]string {
	if !s.Balances() {
		return t.out(path, n)
	}
	var paths [][]string
	for _, server := range s.Balance.All() {
		n, _ := t.Node(server)
		if p, ok := n.ForwardProxy(); ok {
			paths = append(paths, t.out(extend(path, n.Name+"/"+p.Name), n)...)
		}
	}
	return paths
}

// out continues a path from a forward proxy to the WAN links of its node or of its parents.
func (t *Topology) out(path []string, n Node) [][]string {
	p := n.Parents()
	if p == nil {
		return [][]string{extend(path, n.WAN)}
	}
	var paths [][]string
	for _, name := range p.Nodes {
		parent, _ := t.Node(name)
		s, _ := parent.ForwardProxy()
		paths = append(paths, extend(path, parent.Name+"/"+s.Name, parent.WAN))
	}
	return paths
}

// extend appends to a copy: many paths share their beginning.
func extend(path []string, more ...string) []string { return slices.Concat(path, more) }
