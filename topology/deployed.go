package topology

import (
	"net/netip"
	"time"
)

// Deployed is what the lab of a team's own configuration files needs beside the design: networks, addresses, names and files. The nodes
// of such a design run the files as they are; spof writes no configuration for them. Its settings describe the files for people,
// for the targets of faults and for reports, as far as a design can say them; Read and Build accept no Deployed.
type Deployed struct {
	Networks   []Network   `json:"networks"` // the first one has the users and the WAN links
	Placements []Placement `json:"placements"`
	Users      []OwnUsers  `json:"users"` // one for each group of the design
	// Virtual gives the IPv4 address of each address of the design.
	Virtual map[string]netip.Addr `json:"virtual,omitempty"`
	// Substituted lists what a lab cannot have and what stands in its place.
	Substituted []Substitution `json:"substituted,omitempty"`
}

// OwnUsers is how the users of a group ask for pages.
type OwnUsers struct {
	Group string `json:"group"`
	// Web: the entry is a web server for its users, not a proxy. Any answer of a status below 400 serves them: the pages are not an origin's.
	Web bool `json:"web,omitempty"`
	// Hosts are the names that they ask for, at ports 80 and 443. The lab's DNS gives every name that is no node's the address of the WAN
	// link, and the origin serves it.
	Hosts []string `json:"hosts"`
	// TLS: they may ask by CONNECT too.
	TLS bool `json:"tls,omitempty"`
	// Account is user:password of their Proxy-Authorization (of Authorization with Web); empty: none. A trace does not have it.
	Account string `json:"-"`
}

// Network is a segment of nodes.
type Network struct {
	Name   string       `json:"name"`
	Prefix netip.Prefix `json:"prefix"` // IPv4
}

// Placement is what a node of the lab has: a node of the design, a WAN link or a group of users. Origins have none: they are behind the
// WAN links.
type Placement struct {
	Node       string         `json:"node"`
	Names      []string       `json:"names,omitempty"` // further names that the lab's DNS gives it
	Interfaces []NetInterface `json:"interfaces"`      // at least one
	// Also lists further addresses on the first interface: of a WAN link, those that files use and that no node has, such as DNS servers and
	// web servers; of a group, those of its users beside the first.
	Also []netip.Addr `json:"also,omitempty"`
	Runs []OwnRun     `json:"runs,omitempty"`  // in the order of their start
	Made []OwnFile    `json:"files,omitempty"` // configuration and further files
	// Sysctls are the settings of the kernel that a file of the team sets and a container can have.
	Sysctls map[string]string `json:"sysctls,omitempty"`
}

// NetInterface is an interface of a node.
type NetInterface struct {
	Name    string       `json:"name"` // eth0
	Network string       `json:"network"`
	Address netip.Prefix `json:"address"`
}

// OwnRun is an engine that runs a file of the team.
type OwnRun struct {
	Service string            `json:"service"`               // as the node's service in the design; keepalived for keepalived
	Engine  Engine            `json:"engine"`                // squid, haproxy, nginx or keepalived
	Path    string            `json:"path"`                  // of its configuration on the node
	Ready   string            `json:"ready,omitempty"`       // host:port at which it accepts on its node; empty: ready when started
	Names   map[string]string `json:"names,omitempty"`       // servers and instances of the file -> the names of the design
	StopsIn time.Duration     `json:"stops_in_ns,omitempty"` // the longest time from SIGTERM to its end
}

// OwnFile is a file of a node.
type OwnFile struct {
	Path    string `json:"path"`           // on the node
	From    string `json:"from,omitempty"` // on this machine; empty: spof made it
	SHA256  string `json:"sha256"`
	Exec    bool   `json:"exec,omitempty"`
	Content []byte `json:"-"` // a trace has no contents: they may hold passwords
}

// Substitution is something of the files that a lab cannot have.
type Substitution struct {
	Node string `json:"node,omitempty"` // empty: all
	What string `json:"what"`           // that is replaced
	By   string `json:"by"`
	Why  string `json:"why"`
	At   string `json:"at,omitempty"` // file:line:col
}

// Placement finds the placement of a node of the lab.
func (d *Deployed) Placement(node string) (Placement, bool) {
	for _, p := range d.Placements {
		if p.Node == node {
			return p, true
		}
	}
	return Placement{}, false
}
