// Package deployment is what a team has: nodes with the configuration files of their engines, read as they are. A deployment refers to
// the files and repeats nothing of them. Begin at Find, which infers a deployment from files and says from which line, or Read, which
// reads a deployment file. Load then reads the files that a deployment refers to.
//
// It knows the readers of the engines and no lab. Package deployment/promise says what the files promise, deployment/audit what is
// dangerous in them.
package deployment

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// Deployment is a set of nodes and the ways in which users come to them.
type Deployment struct {
	Name    string  `json:"deployment"`
	Compose string  `json:"compose,omitempty"` // the compose file of the nodes that are its services
	Nodes   []Node  `json:"nodes"`
	Users   []Entry `json:"users"`
}

// Node is a machine or a container.
type Node struct {
	Name       string      `json:"name"`
	Names      []string    `json:"names,omitempty"` // further names by which files call it
	Interfaces []Interface `json:"interfaces,omitempty"`
	Runs       []Run       `json:"runs,omitempty"`    // none: no file of the node is there, such as an origin's
	Files      []Mount     `json:"files,omitempty"`   // further files of the node
	Service    string      `json:"service,omitempty"` // of the compose file; empty: the node is none
	From       Source      `json:"from"`
}

// Interface is an interface with an address.
type Interface struct {
	Name    string       `json:"name,omitempty"`    // empty: the only one, whose name no file says
	Address netip.Prefix `json:"address,omitempty"` // zero: not known; a single address: the length is not known
	From    Source       `json:"from"`
}

// Run is an engine with its configuration file.
type Run struct {
	Engine string `json:"engine"` // haproxy, nginx, keepalived or squid
	File   string `json:"file"`
	Path   string `json:"path,omitempty"` // on the node, if a file says it
	From   Source `json:"from"`
}

// Mount is a further file of a node.
type Mount struct {
	Path string `json:"path"` // on the node
	File string `json:"file"`
	From Source `json:"from"`
}

// Entry is a way in which users come in: an address and port, or a PAC file.
type Entry struct {
	Address netip.AddrPort `json:"address,omitempty"`
	PAC     string         `json:"pac,omitempty"`
	Browser string         `json:"browser,omitempty"` // of a PAC file
	From    Source         `json:"from"`
}

// Source says where something is from.
type Source struct {
	At  configtext.Pos
	Why string // in a few words, for people
	// Assumed: no file says it. A gap names the flag that does.
	Assumed bool
}

// String gives the place and the words.
func (s Source) String() string {
	switch {
	case s.At.Line == 0:
		return s.Why
	case s.Why == "":
		return s.At.String()
	}
	return s.At.String() + ": " + s.Why
}

// MarshalText gives the source as text.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Is tells whether files mean the node by a name or an address.
func (n *Node) Is(host string) bool {
	addr, err := netip.ParseAddr(host)
	return err == nil && n.Has(addr) || n.called(host)
}

// called tells whether the node has a name.
func (n *Node) called(name string) bool {
	return strings.EqualFold(n.Name, name) || slices.ContainsFunc(n.Names, func(o string) bool { return strings.EqualFold(o, name) })
}

// Has tells whether the node has an address of its own.
func (n *Node) Has(addr netip.Addr) bool {
	return slices.ContainsFunc(n.Interfaces, func(i Interface) bool { return i.Address.IsValid() && i.Address.Addr() == addr })
}

// Address is the first address of the node; zero: none is known.
func (n *Node) Address() netip.Addr {
	for _, i := range n.Interfaces {
		if i.Address.IsValid() {
			return i.Address.Addr()
		}
	}
	return netip.Addr{}
}

// Run gives the run of an engine.
func (n *Node) Run(engine string) (*Run, bool) {
	for i := range n.Runs {
		if n.Runs[i].Engine == engine {
			return &n.Runs[i], true
		}
	}
	return nil, false
}

// String gives an entry as an answer names it.
func (e Entry) String() string {
	if e.PAC != "" {
		return e.PAC
	}
	return e.Address.String()
}

// Gap is something that no file says.
type Gap struct {
	What    string `json:"what"`
	Default string `json:"default"`
	Flag    string `json:"flag"` // that says it
	At      Source `json:"at"`
}
