// Package target resolves the target of a fault in a design: a symbol or a name, within a role. Begin at Resolve. A role whose
// targets are not nodes has its own file. What depends on the holder of an address at the instant of the fault is resolved later,
// by package sim. This package knows designs, and no fault.
package target

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Target says what a fault hits: a symbol or a name, within a role.
type Target struct {
	// Pick is serving, standby, any, all, or the name of a node or link.
	Pick string `json:"pick"`
	// Where is the position in the file, as file:line:col, for errors; empty if no file was read.
	Where string `json:"-"`
	// Role says among what a symbol chooses: entry, proxy, balancer, wan, ...; the default is the first role of the fault's kind.
	Role string `json:"role"`
	// Of is the service of a named node that a fault of services strikes; empty: that of the role.
	Of string `json:"of,omitempty"`
}

// Read reads a target of a scenario file, with the role entry.
func Read(v yamlfile.Value) Target {
	return Target{Pick: v.Name(), Role: RoleEntry, Where: v.Position()}
}

var symbols = []string{Serving, Standby, Any, All}

// Symbol reports whether the target is a symbol and not a name.
func (t Target) Symbol() bool { return slices.Contains(symbols, t.Pick) }

// Moves reports whether the symbol means another node once a fault has struck.
func (t Target) Moves() bool { return t.Pick == Serving || t.Pick == Standby }

// Same reports whether two targets have the same pick and role.
func (t Target) Same(o Target) bool { return t.Pick == o.Pick && t.Role == o.Role && t.Of == o.Of }

// Symbols of a target; anything else is a name.
const (
	Serving = "serving" // the one that serves the users when the fault is due
	Standby = "standby" // the one that would take over
	Any     = "any"     // one of them, chosen by the plan's seed
	All     = "all"
)

// Roles whose targets are nodes. The other roles are in their own files.
const (
	RoleEntry    = "entry"    // where users enter
	RoleProxy    = "proxy"    // the forward proxies
	RoleBalancer = "balancer" // the balancers
)

// Pick says which candidates of a plan a fault strikes.
type Pick string

// The picks. The plan decides PickAll and PickFirst; a run decides the others when the fault is due.
const (
	PickAll       Pick = "all"        // every candidate
	PickFirst     Pick = "first"      // the first candidate
	PickHolder    Pick = "holder"     // the candidate that holds Address
	PickNotHolder Pick = "not-holder" // the first candidate that does not hold Address
)

// Choice is a target that is resolved as far as the design allows.
type Choice struct {
	Pick    Pick
	Nodes   []string // or links
	Address string   // of PickHolder and PickNotHolder
}

// first chooses what the plan has decided.
func first(nodes ...string) (Choice, error) { return Choice{Pick: PickFirst, Nodes: nodes}, nil }

// all chooses every node.
func all(nodes []string) (Choice, error) { return Choice{Pick: PickAll, Nodes: nodes}, nil }

// Portion draws a share of the targets from rng: at least one, rounded to the nearest number, in their order. A share of 0 keeps
// all of them.
func (c Choice) Portion(share float64, rng *rand.Rand) Choice {
	if share == 0 || c.Pick != PickAll || len(c.Nodes) == 0 {
		return c
	}
	n := max(1, int(math.Round(share*float64(len(c.Nodes)))))
	taken := rng.Perm(len(c.Nodes))[:n]
	slices.Sort(taken)
	nodes := make([]string, 0, n)
	for _, i := range taken {
		nodes = append(nodes, c.Nodes[i])
	}
	c.Nodes = nodes
	return c
}
