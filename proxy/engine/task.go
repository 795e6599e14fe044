package engine

import (
	"net/netip"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// Task is what an engine is to run on a node, with all that it needs to know of the lab. Addresses are of the network of users,
// proxies and gateways.
type Task struct {
	Node    string           // the node's name
	Service topology.Service // as the design has it; of what holds the node's addresses the name alone
	Dir     string           // the node's directory, for configuration and state
	Own     netip.Addr       // the node's address
	Shared  bool             // all nodes share one network stack: see proxy.Site
	Token   string           // of the lab: see proxy.Site

	Listen  string // host:port at which the service is to listen
	Ready   string // host:port at which its own node reaches it
	Health  string // host:port at which a balancer is to answer proxy.HealthPath
	Control string // unix socket at which the node's agent may tell the program what to do
	Disk    string // where the filesystem is that the service alone keeps things on; empty: it has none

	// Signals says that the mechanisms of the design heed the chassis.
	Signals bool
	Clients []netip.Addr // who may use a forward proxy, in order
	// Origins are the host names that users know the origins by; Checked is the first one with its port, empty where there is none.
	Origins []string
	Checked string
	// Hosts gives the address of each origin, at the gateway of the node's WAN link; nil: the node has none.
	Hosts map[string]string

	Servers   []Server             // of a balancer, as the design has them, those that stand by last
	Records   []proxy.DNSRecord    // of a DNS responder
	Parents   []Peer               // of a forward proxy, the preferred one first
	Siblings  []Peer               // that a caching one asks
	AskedBy   []string             // the protocols by which others ask it
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

// CheckPath is the empty object that checks ask the origin for; no cache keeps it.
const CheckPath = "/o/0/check"

// Interface is the network of users, proxies and gateways in a container of a proxy or a balancer: it is on no other.
const Interface = "eth0"
