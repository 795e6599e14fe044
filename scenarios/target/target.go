// Package target says what a fault may strike: the symbols and names of a scenario file, the roles that they stand in, and
// what they come to in a design. A role whose targets are no nodes has a file of its own. It knows designs, and no fault.
package target

import (
	"math"
	"math/rand/v2"
	"regexp"
	"slices"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Target says what a fault hits: a symbol or a name, within a role.
type Target struct {
	// Pick is serving, standby, any, all, or the name of a node or link.
	Pick string `json:"pick"`
	// Where is its place in the file, as file:line:col, for errors; empty where no file was read.
	Where string `json:"-"`
	// Role narrows symbols: entry (where users enter), proxy, balancer or wan; the default is the kind's own.
	Role string `json:"role"`
}

// Read reads a target of a scenario file, where users enter.
func Read(v yamlfile.Value) Target {
	return Target{Pick: Name(v), Role: RoleEntry, Where: v.Position()}
}

var validName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$`)

// Name reads a name as scenario files have them.
func Name(v yamlfile.Value) string {
	name := v.String()
	if v.Present() && !validName.MatchString(name) {
		v.Problemf("want a name of a-z, 0-9 and -, beginning with a letter and not ending with -, at most 31 long")
	}
	return name
}

// Symbol reports whether the target is a symbol and not a name.
func (t Target) Symbol() bool { return slices.Contains([]string{Serving, Standby, Any, All}, t.Pick) }

// Moves reports whether the target is somebody else after a fault has struck it.
func (t Target) Moves() bool { return t.Pick == Serving || t.Pick == Standby }

// Same reports whether two targets ask for the same.
func (t Target) Same(o Target) bool { return t.Pick == o.Pick && t.Role == o.Role }

// Symbols of a target; anything else is a name.
const (
	Serving = "serving" // whoever serves the users at that moment
	Standby = "standby" // whoever would take over
	Any     = "any"     // one of them, chosen by the plan's seed
	All     = "all"
)

// Roles whose targets are nodes. The others stand in files of their own.
const (
	RoleEntry    = "entry"    // where users enter
	RoleProxy    = "proxy"    // the forward proxies
	RoleBalancer = "balancer" // the balancers
)

// How a Choice.Pick, and with it the plan, chooses among the candidates when the fault is due.
const (
	PickAll       = "all"        // every candidate
	PickFirst     = "first"      // the first: the plan has chosen
	PickHolder    = "holder"     // the candidate that holds Address then
	PickNotHolder = "not-holder" // the first candidate that does not
)

// Choice is a target that is resolved as far as the design allows.
type Choice struct {
	Pick    string
	Nodes   []string // or links
	Address string   // whose holder Pick asks for
}

// Portion takes so large a share of the targets, at least one and rounded to the nearest number, by rng; their order stays. A
// share of 0 is all of them.
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
