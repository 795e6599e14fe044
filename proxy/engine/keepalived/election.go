package keepalived

import (
	"net/netip"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Node is a node with its keepalived.conf.
type Node struct {
	Name      string
	Config    *Config
	Addresses map[string]netip.Addr // the node's own address on an interface, as far as known: equal priorities are decided by it
}

// Member is an instance of a virtual router on one node.
type Member struct {
	Node     Node
	Instance *Instance
}

// Router is a virtual router: the instances that share a router id and a virtual address.
type Router struct {
	ID      int
	Members []Member // in the order of the nodes
	nodes   []Node
}

// FaultKind is what happens to a member.
type FaultKind int

// The kinds.
const (
	Dead        FaultKind = iota // the node, or keepalived on it, is silent: power loss, freeze
	Stopped                      // keepalived ends cleanly and sends priority 0
	TracksFail                   // the node lives, and the tracked objects of Fault.Tracks fail
	LinkDown                     // an interface is down, and the node sees it
	Partitioned                  // an interface is up, and nothing passes
)

// Fault is what happens to the master.
type Fault struct {
	Node      string
	Kind      FaultKind
	Tracks    []string       // TracksFail: names of scripts, processes or files
	As        policy.Failure // TracksFail: how the service of a script fails towards it
	Interface string         // LinkDown, Partitioned
}

// Term is a part of an interval, with the settings that it comes from.
type Term struct {
	Text   string // such as "script haproxy_alive: phase 0-2 s + (fall 2 - 1) x 2 s + run 0-0.05 s"
	Bounds policy.Bounds
	From   []configtext.Pos
}

// Takeover is what a virtual router does at a fault of its master.
type Takeover struct {
	From, To string           // nodes; To is empty if Never
	Never    bool             // the address does not move while the fault lasts
	Detect   policy.Bounds    // until the master's priority is lowered, or the backup takes it for dead; not if Blind
	Blind    bool             // nothing on the master sees the fault
	Failover policy.Bounds    // until the backup has the address; not if Never
	Terms    []Term           // of Failover
	Why      string           // of Never: in a sentence
	At       []configtext.Pos // of Never: the settings that decide
}
