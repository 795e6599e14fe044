package fault

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Kind is a kind of fault.
type Kind struct {
	Name    proxy.FaultKind
	About   string   // what happens, in a line
	Section Section  // of the reference
	Roles   []string // that its target may have, the default first
	// Service says that it strikes one service; else it strikes a whole node or link.
	Service bool
	// Warns says that a chassis gives notice of it.
	Warns bool
	// Unpredicted is why no timer of any design promises anything of it; empty: scenarios/predict has a formula.
	Unpredicted string

	Docker, Local Fidelity
	// RealEngines says that in containers it needs real engines: spof's own cannot do what it is about.
	RealEngines bool

	// Parameters are its own keys; nil: it has none.
	Parameters []Parameter
	// read reads them; nil: there are none.
	read func(o yamlfile.Object, f *Fault)
	// program finds the process that it strikes where that is not the service of the role; nil: it always is.
	program func(d design.View, f Fault, node string) (string, error)
	// complete resolves its parameters in the design; nil: there is nothing to resolve.
	complete func(d design.View, f *Planned) error
	// prolongs is how much longer it has to last on a design than its scenario says; nil: it has not.
	prolongs func(t *topology.Topology) time.Duration
}

// Kinds lists every kind of fault, in the order in which messages name them.
func Kinds() []Kind {
	return []Kind{
		powerLoss, crash, hang,
		wanLoss, wanDegrade, wanFlap,
		partition, configBreak, rollingRestart, surge,
		psuFailure, fanFailure, overheat, coolingZoneFailure,
		coldCache, diskFull, slowOrigin, dnsFailure,
		feedLoss, mainsOutage, exitBlock,
	}
}

// Fidelity is how true to life a kind is on a runtime.
type Fidelity struct {
	Level string // real, emulated or unsupported
	How   string // empty where it is unsupported
}

// The levels of fidelity.
const (
	Real        = "real"
	Emulated    = "emulated"
	Unsupported = "unsupported"
)

var unsupported = Fidelity{Level: Unsupported}

// Section is the part of the reference in which a kind stands.
type Section int

// The sections, in their order.
const (
	OfNode     Section = iota // what becomes of a node, or of one service of it
	OfHardware                // what becomes of its hardware, and of the power before that
	OfPath                    // what becomes of a WAN link, or of the origin
	OfLoad                    // what becomes of the load
)

// Reference lists every kind of fault by section, as the reference does.
func Reference() []Kind {
	all := Kinds()
	slices.SortStableFunc(all, func(a, b Kind) int { return cmp.Compare(a.Section, b.Section) })
	return all
}

// nodeRoles are the roles whose targets are nodes of the design.
var nodeRoles = []string{target.RoleEntry, target.RoleProxy, target.RoleBalancer}

// Of gives the kind of that name.
func Of(name proxy.FaultKind) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

func names() []string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k.Name))
	}
	return names
}

// strikes names the service of a node that the fault strikes; empty: it strikes the whole node or link.
func (k Kind) strikes(d design.View, f Fault, node string) (string, error) {
	switch {
	case !k.Service:
		return "", nil
	case k.program != nil:
		return k.program(d, f, node)
	}
	return serviceOf(d, f, node)
}

// serviceOf names the service of a node that the fault's role means.
func serviceOf(d design.View, f Fault, node string) (string, error) {
	service, found := target.ServiceOn(d, f.Target, node)
	if !found {
		return "", fmt.Errorf("node %s has no service to %s in the role %s", node, f.Kind, f.Target.Role)
	}
	return service.Name, nil
}

// refuseForeign refuses the parameters of other kinds.
func (k Kind) refuseForeign(o yamlfile.Object) {
	owners := map[string][]string{}
	for _, other := range Kinds() {
		for _, key := range other.keys() {
			owners[key] = append(owners[key], string(other.Name))
		}
	}
	for key, names := range owners {
		if v := o.Get(key); v.Present() && !slices.Contains(k.keys(), key) {
			has := "has"
			if len(names) > 1 {
				has = "have"
			}
			v.Problemf("%s has no %s; only %s %s one", k.Name, key, strings.Join(names, ", "), has)
		}
	}
}
