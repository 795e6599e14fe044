package deployment

import (
	"net/netip"
	"path/filepath"
	"strings"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Read reads a deployment file. The paths in it count from its directory. The error is a *yamlfile.Problems with everything that is wrong.
func Read(file string, data []byte) (*Deployment, error) {
	r, root := yamlfile.Read(file, data)
	d := reader{dir: filepath.Dir(file), seen: map[netip.Addr]string{}}
	d.read(root)
	if err := r.Err(); err != nil {
		return nil, err
	}
	return &d.Deployment, nil
}

// Schema describes deployment files as a JSON Schema. It comes from the code that reads them.
func Schema() yamlfile.Schema {
	return yamlfile.Describe(func(root yamlfile.Value) {
		d := reader{seen: map[netip.Addr]string{}}
		d.read(root)
	}).Schema(func(place string) string { return yamlfile.AboutOf(keys, place) })
}

// keys describes the keys of a deployment file, as topology's table does.
var keys = map[string]string{
	"deployment": "name of the deployment",
	"compose":    "compose file whose services are nodes",
	"nodes":      "machines or containers",
	"address":    "of its only interface, with or without the length of the network",
	"interface":  "name of the interface with the address",
	"interfaces": "all interfaces, if there are several",
	"names":      "further names by which the files call the node",
	"runs":       "engines of the node, each with its configuration file",
	"haproxy":    "haproxy.cfg",
	"nginx":      "nginx.conf",
	"keepalived": "keepalived.conf",
	"squid":      "squid.conf",
	"files":      "further files of the node",
	"path":       "on the node",
	"file":       "here",
	"service":    "name of the node in the compose file",
	"assumed":    "what of the node no file says: address, or an engine",
	"users":      "ways in which users come in",
	"enter":      "address and port at which they connect",
	"pac":        "PAC file that they follow",
	"browser":    "whose rules for dead proxies they follow",
	"name":       "of the interface",
	"nodes.NAME": "the node",
}

// reader reads a deployment file.
type reader struct {
	Deployment
	dir  string
	seen map[netip.Addr]string // addresses, with their nodes
}

func sourceOf(v yamlfile.Value) Source {
	var s Source
	s.At.File, s.At.Line, s.At.Col = v.Place()
	return s
}

func (d *reader) read(root yamlfile.Value) {
	top := root.Object("deployment", "compose", "nodes", "users")
	d.Name = top.Require("deployment").Name()
	d.Compose = d.near(top.Get("compose"))
	for _, e := range top.Require("nodes").Entries() {
		d.Nodes = append(d.Nodes, d.node(e))
	}
	for _, v := range top.Get("users").List() {
		d.Users = append(d.Users, d.entry(v))
	}
}

// near reads the path of a file.
func (d *reader) near(v yamlfile.Value) string {
	file := v.Reference()
	if file == "" || filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(d.dir, file)
}

func (d *reader) node(e yamlfile.Entry) Node {
	o := e.Value.Object("address", "interface", "interfaces", "names", "runs", "files", "service", "assumed")
	n := Node{Name: e.Name, From: sourceOf(e.Key), Service: o.Get("service").Reference()}
	if n.Service != "" && d.Compose == "" && o.Get("service").Line() > 0 {
		o.Get("service").Refuse("no-compose-file", "service %q: the deployment names no compose file", n.Service)
	}
	if v := o.Get("address"); v.Present() {
		n.Interfaces = append(n.Interfaces, Interface{o.Get("interface").Reference(), d.address(e.Name, v), sourceOf(v)})
	}
	for _, v := range o.Get("interfaces").List() {
		one := v.Object("name", "address")
		n.Interfaces = append(n.Interfaces, Interface{one.Require("name").Reference(), d.address(e.Name, one.Require("address")), sourceOf(v)})
	}
	for _, v := range o.Get("names").List() {
		n.Names = append(n.Names, v.Reference())
	}
	runs := o.Get("runs").Object(engines...)
	for _, engine := range engines {
		if v := runs.Get(engine); v.Present() {
			n.Runs = append(n.Runs, Run{Engine: engine, File: d.near(v), From: sourceOf(v)})
		}
	}
	for _, v := range o.Get("files").List() {
		one := v.Object("path", "file")
		n.Files = append(n.Files, Mount{one.Require("path").Reference(), d.near(one.Require("file")), sourceOf(v)})
	}
	n.assume(o.Get("assumed"))
	return n
}

// assume marks what no file says.
func (n *Node) assume(v yamlfile.Value) {
	for _, one := range v.List() {
		switch what := one.OneOf("", append([]string{"address"}, engines...)...); what {
		case "address":
			for i := range n.Interfaces {
				n.Interfaces[i].From.Assumed = true
			}
		default:
			if r, ok := n.Run(what); ok {
				r.From.Assumed = true
			}
		}
	}
}

// address reads an own address. Two nodes cannot have the same.
func (d *reader) address(node string, v yamlfile.Value) netip.Prefix {
	text := v.Reference()
	v.Must(`^[0-9a-fA-F.:]+(/[0-9]+)?$`, "an address such as 10.20.1.21 or 10.20.1.21/24")
	p, ok := prefixOf(text)
	switch other, taken := d.seen[p.Addr()]; {
	case !ok && v.Line() > 0:
		v.Refuse("wrong-value", "want an address such as 10.20.1.21 or 10.20.1.21/24, got %q", text)
	case ok && taken && other != node:
		v.Refuse("address-taken", "%s is also the address of %s", p.Addr(), other)
	case ok:
		d.seen[p.Addr()] = node
	}
	return p
}

func (d *reader) entry(v yamlfile.Value) Entry {
	o := v.Object("enter", "pac", "browser")
	there := o.Among("enter", "pac")
	e := Entry{From: sourceOf(v)}
	if len(there) != 1 {
		v.Refuse("wrong-value", "want one of enter: ADDRESS:PORT and pac: FILE, got %s", map[int]string{0: "none"}[len(there)]+strings.Join(there, " and "))
		return e
	}
	if there[0] == "pac" {
		e.PAC, e.Browser = d.near(o.Get("pac")), o.Get("browser").OneOf("chrome", "chrome", "firefox")
		return e
	}
	at := o.Get("enter")
	text := at.Reference()
	at.Must(`^.+:[0-9]+$`, "an address and port such as 10.20.1.100:3128")
	addr, err := netip.ParseAddrPort(text)
	if err != nil && at.Line() > 0 {
		at.Refuse("wrong-value", "want an address and port such as 10.20.1.100:3128, got %q", text)
	}
	e.Address = addr
	return e
}
