package engine

import (
	"net/netip"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// Task is a service that an engine runs on a node, with what the engine needs to know of the lab. Addresses are those of the LAN: the
// network of users, proxies and gateways.
type Task struct {
	Node    string           // the node's name
	Service topology.Service // of the design; of the process that holds the node's addresses only the name
	Dir     string           // the node's directory, for configuration and state
	Own     netip.Addr       // the node's address
	Shared  bool             // all nodes share one network stack: see proxy.Site
	Token   string           // of the lab: see proxy.Site

	Listen  string // host:port at which the service listens
	Ready   string // host:port at which its own node reaches the service
	Health  string // host:port at which a balancer answers proxy.HealthPath
	Control string // unix socket at which the node's agent controls the program
	Disk    string // path of the service's own filesystem; empty: it has none

	// Signals: the mechanisms of the design react to warnings of chassis.
	Signals bool
	Clients []netip.Addr // addresses that may use a forward proxy, sorted
	Guests  netip.Prefix // a network that may use a forward proxy for the origins only; the zero value: none
	// Origins lists the host names of the origins. Checked is the first one with its port; empty: the design has none.
	Origins []string
	Checked string
	// Hosts gives the address of each origin: that of the gateway of the node's WAN link; nil: the node has no link.
	Hosts map[string]string

	Servers   []Server             // of a balancer; backups are last
	Records   []proxy.DNSRecord    // of a DNS server
	Parents   []Peer               // of a forward proxy, the preferred one first
	Siblings  []Peer               // of a forward proxy with a cache
	AskedBy   []string             // the protocols of others that have it as a sibling
	Instances []proxy.VRRPInstance // the addresses that the node may hold
}

// Server is a server of a balancer.
type Server struct {
	proxy.BalancedServer
	HealthPath string // see Engine
}

// Peer is another forward proxy.
type Peer struct {
	Name string // its node
	Addr netip.Addr
	Port int
}

// CheckPath is the path of the empty object that checks request from the origin; caches do not store it.
const CheckPath = "/o/0/check"

// Interface is the LAN interface in containers of proxies and balancers, which are on no other network.
const Interface = "eth0"
