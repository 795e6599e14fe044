package deployment

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// need is a port of a node that another file uses.
type need struct {
	node string
	port uint16
	from Source
	role string
}

// wants records the port of a node that a use means.
func (f *finder) wants(n *Node, u use) {
	f.needs = append(f.needs, need{n.Name, u.port, Source{At: u.at, Why: u.role}, u.role})
}

// pacHosts makes nodes of the proxies of PAC files.
func (f *finder) pacHosts() {
	for _, one := range f.pacFiles() {
		lists, err := PACLists(one.File)
		if err != nil {
			f.problem(err)
			continue
		}
		for _, list := range lists {
			for _, hop := range list.Hops {
				if !hop.Direct() {
					f.use(use{host: hop.Host, port: uint16(hop.Port), role: rolePAC, at: list.At})
				}
			}
		}
	}
}

func (f *finder) pacFiles() (all []file) {
	for _, one := range f.files {
		if one.kind == kindPAC && !spare.MatchString(one.Path) {
			all = append(all, one)
		}
	}
	return all
}

// usedByName makes nodes of the hosts that files use under a name.
func (f *finder) usedByName() {
	for _, of := range f.facts {
		for _, u := range of.uses {
			if u.label() != "" && !u.own() {
				f.use(u)
			}
		}
	}
}

// own tells whether a use means the host itself.
func (u use) own() bool {
	addr, err := netip.ParseAddr(u.host)
	return u.host == "localhost" || err == nil && addr.IsLoopback()
}

// use finds or makes the node that a use means, under a name that a file gives it.
func (f *finder) use(u use) {
	from := Source{At: u.at, Why: u.role}
	name := nameOf(u.label())
	n, ok := f.Host(u.host)
	if !ok {
		n, ok = f.Node(name)
		if _, err := netip.ParseAddr(u.host); ok && err == nil && n.Address().IsValid() { // the name of another node
			n, ok = nil, false
			name = nameOf(fmt.Sprintf("%s-%s", name, u.host))
		}
	}
	if !ok {
		n = f.node(name, from)
	}
	n.means(u, from)
	f.note(n)
	f.wants(n, u)
}

// means gives a node the address or the name by which a file uses it.
func (n *Node) means(u use, from Source) {
	if addr, err := netip.ParseAddr(u.host); err != nil {
		n.call(u.host)
	} else if !n.Has(addr) && len(n.Interfaces) == 0 {
		n.Interfaces = append(n.Interfaces, Interface{Address: netip.PrefixFrom(addr, addr.BitLen()), From: from})
	}
}

// usedByAddress makes nodes of addresses that no file names. An address whose port is in the file of one node without an address is that
// node's; if there are several such nodes, they are taken in order, and a gap says so.
func (f *finder) usedByAddress() {
	var runners []int // the others hear at no port
	for i := range f.Nodes {
		if len(f.Nodes[i].Runs) > 0 {
			runners = append(runners, i)
		}
	}
	for _, of := range f.facts {
		for _, u := range of.uses {
			if u.label() == "" && !u.own() {
				f.useAddress(of, u, runners)
			}
		}
	}
}

func (f *finder) useAddress(by *facts, u use, runners []int) {
	from := Source{At: u.at, Why: u.role}
	if n, ok := f.Host(u.host); ok {
		f.wants(n, u)
		return
	}
	mine := f.owner[by.Path]
	var open []string
	for _, i := range runners {
		if n := &f.Nodes[i]; len(n.Interfaces) == 0 && n.Name != mine && f.hears(n, u.port) {
			open = append(open, n.Name)
		}
	}
	name := f.unnamed(u)
	if len(open) > 0 {
		name = open[0]
	}
	if len(open) > 1 {
		from.Assumed = true
		f.gap(from, fmt.Sprintf("--node %s=%s", name, u.host), name, fmt.Sprintf("which of %s has the address %s", strings.Join(open, ", "), u.host))
	}
	n := f.node(name, from)
	n.means(u, from)
	f.note(n)
	f.wants(n, u)
}

// unnamed is a name for a host that no file names: its engine, if one kind of file listens at its port, and a number.
func (f *finder) unnamed(u use) string {
	word := "host"
	for _, of := range f.facts {
		if of.hears(u.port) && of.kind != Keepalived {
			word = of.kind
		}
	}
	for { // no node goes away, and so no number below the last becomes free
		name := fmt.Sprintf("%s-%d", word, f.numbered[word]+1)
		if _, taken := f.Node(name); !taken {
			return name
		}
		f.numbered[word]++
	}
}

// hears tells whether a file makes its engine listen at a port.
func (of *facts) hears(port uint16) bool {
	return slices.ContainsFunc(of.listens, func(l listen) bool { return l.port == port })
}

// hears tells whether a node listens at a port.
func (f *finder) hears(n *Node, port uint16) bool {
	return slices.ContainsFunc(n.Runs, func(r Run) bool { return f.factsOf(r.File).hears(port) })
}

// factsOf gives the facts of a file.
func (f *finder) factsOf(path string) *facts {
	for _, of := range f.facts {
		if of.Path == path {
			return of
		}
	}
	return &facts{file: &file{}}
}

// serving gives the nodes that others use the files that listen at the ports.
func (f *finder) serving() {
	turn := map[string]int{}
	for _, want := range f.needs {
		n, _ := f.Node(want.node)
		if want.port == 0 || want.role == roleOrigin || f.hears(n, want.port) {
			continue
		}
		var fits []*facts
		for _, of := range f.free(HAProxy, Nginx, Squid) {
			if _, has := n.Run(of.kind); of.hears(want.port) && !has && of.Path != want.from.At.File {
				fits = append(fits, of)
			}
		}
		if len(fits) == 0 {
			f.nothingListens(want)
			continue
		}
		at := fmt.Sprint(want.port, len(fits))
		of := fits[min(turn[at], len(fits)-1)]
		turn[at]++
		from := Source{At: portAt(of, want.port), Why: fmt.Sprintf("the file that listens at port %d", want.port)}
		if len(fits) > 1 {
			from.Assumed = true
			f.gap(want.from, fmt.Sprintf("--run %s=%s", n.Name, filepath.Base(of.Path)), of.Path,
				fmt.Sprintf("which file %s runs at port %d: %s", n.Name, want.port, pathsOf(fits)))
		}
		f.run(n.Name, of, from)
		f.used = append(f.used, of.Path)
	}
}

// nothingListens says that no file is for a port, once for each node.
func (f *finder) nothingListens(want need) {
	n, _ := f.Node(want.node)
	if want.role == roleCheck || n.Service != "" && len(n.Runs) == 0 {
		return
	}
	flag := fmt.Sprintf("--run %s=FILE", want.node)
	if !f.flags[flag] {
		f.gap(want.from, flag, "a server that answers", fmt.Sprintf("what listens at port %d of %s: no file does", want.port, want.node))
	}
}

func portAt(of *facts, port uint16) configtext.Pos {
	for _, l := range of.listens {
		if l.port == port {
			return l.at
		}
	}
	return configtext.Pos{}
}

func pathsOf(all []*facts) string {
	var names []string
	for _, of := range all {
		names = append(names, of.Path)
	}
	return strings.Join(names, ", ")
}

// leftovers gives a place to the files that belong to no node so far: to the nodes with a virtual address that lack such an engine, or to
// nodes of their own.
func (f *finder) leftovers() {
	for _, of := range f.unplaced(Keepalived) {
		f.members(of)
	}
	for _, of := range f.unplaced(HAProxy, Nginx, Squid) {
		if !f.shared(of) {
			f.alone(of)
		}
	}
}

// unplaced are the free files that nobody runs.
func (f *finder) unplaced(kinds ...string) []*facts {
	return slices.DeleteFunc(f.free(kinds...), func(of *facts) bool { return slices.Contains(f.used, of.Path) })
}

// twoMembers is the number of nodes of a keepalived.conf that names none of its members.
var twoMembers = []string{"lb1", "lb2"}

// members makes the nodes of a keepalived.conf without a host: those that the user names, else two.
func (f *finder) members(of *facts) {
	from := Source{At: configtext.Pos{File: of.Path, Line: 1, Col: 1}, Why: "one file for all members", Assumed: true}
	if len(of.virtual) > 0 {
		from.At = of.virtual[0].at
	}
	names := twoMembers
	if hinted := f.withoutFile(); len(hinted) > 0 {
		names, from.Assumed = hinted, false
	} else {
		f.gap(from, "--node NAME=ADDRESS for each", strings.Join(names, ", "), "on how many nodes "+of.Path+" is, and their names")
	}
	for _, name := range names {
		f.node(name, from)
		f.run(name, of, from)
	}
	f.used = append(f.used, of.Path)
}

// withoutFile are the nodes of --node that run nothing.
func (f *finder) withoutFile() (names []string) {
	for _, n := range f.Nodes {
		if n.From.Why == "--node" && len(n.Runs) == 0 && !slices.ContainsFunc(f.needs, func(w need) bool { return w.node == n.Name }) {
			names = append(names, n.Name)
		}
	}
	return names
}

// shared gives a file to all nodes with a virtual address that run no other service.
func (f *finder) shared(of *facts) bool {
	var nodes []string
	for _, n := range f.Nodes {
		_, member := n.Run(Keepalived)
		if _, has := n.Run(of.kind); member && !has && (of.kind == HAProxy || len(n.Runs) == 1) {
			nodes = append(nodes, n.Name)
		}
	}
	if len(nodes) == 0 {
		return false
	}
	from := Source{At: configtext.Pos{File: of.Path, Line: 1, Col: 1}, Why: "the only file for the nodes with the virtual address", Assumed: true}
	f.gap(from, fmt.Sprintf("--run %s=%s", nodes[0], filepath.Base(of.Path)), strings.Join(nodes, ", "), "which nodes run "+of.Path)
	for _, name := range nodes {
		f.run(name, of, from)
	}
	f.used = append(f.used, of.Path)
	return true
}

// alone makes a node for a file.
func (f *finder) alone(of *facts) {
	name := map[string]string{HAProxy: "lb1", Nginx: "web1", Squid: "proxy1"}[of.kind]
	from := Source{At: configtext.Pos{File: of.Path, Line: 1, Col: 1}, Why: "a file without a host"}
	switch hinted := f.withoutFile(); {
	case len(hinted) > 0:
		name = hinted[0]
	default:
		if _, taken := f.Node(name); taken {
			name = f.unnamed(use{port: firstPort(of)})
		}
		from.Assumed = true
		f.gap(from, fmt.Sprintf("--node NAME=ADDRESS or --run NAME=%s", filepath.Base(of.Path)), name, "the name of the node that runs "+of.Path)
	}
	f.belongs(of, name, from)
}

func firstPort(of *facts) uint16 {
	if len(of.listens) == 0 {
		return 0
	}
	return of.listens[0].port
}
