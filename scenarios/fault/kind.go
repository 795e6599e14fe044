package fault

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Kind is a kind of fault.
type Kind struct {
	Name    proxy.FaultKind
	About   string // one line for the reference
	Section Section
	Roles   []string // of its target, the default first
	// Executor carries it out on a node.
	Executor agent.Executor
	// Service: it strikes one service; else a whole node or link.
	Service bool
	// Warns: the chassis of a struck node reports it.
	Warns bool
	// Ends: a struck service may end by itself, which is a result. After another fault such a trial is inconclusive.
	Ends bool
	// Became says in a story what the target became by the effect; empty: struck by its name.
	Became string
	// Unpredicted says why no design has a prediction for it; empty: scenarios/predict has a formula.
	Unpredicted string

	Docker, Local Fidelity
	// RealEngines: in containers it needs real engines, not the builtin ones.
	RealEngines bool

	// Parameters are its own keys; nil: none.
	Parameters []Parameter
	// read reads the parameters; nil: none.
	read func(o yamlfile.Object, f *Fault)
	// program names the process that it strikes; nil: the service of the role.
	program func(d design.View, f Fault, node string) (string, error)
	// complete resolves the parameters in the design, and refuses a design that lacks something; nil: always fine.
	complete func(d design.View, f *Planned) error
	// prolongs is the time to add to the scenario's fault phase on a design; nil: none.
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

// Executors gives an agent the executor of every kind.
func Executors() map[proxy.FaultKind]agent.Executor {
	executors := map[proxy.FaultKind]agent.Executor{}
	for _, k := range Kinds() {
		executors[k.Name] = k.Executor
	}
	return executors
}

// Fidelity says how realistic a kind of fault is on a runtime.
type Fidelity struct {
	Level string // real, emulated or unsupported
	How   string // empty if unsupported
}

// The levels of fidelity.
const (
	Real        = "real"
	Emulated    = "emulated"
	Unsupported = "unsupported"
)

var unsupported = Fidelity{Level: Unsupported}

// Section is a part of the reference.
type Section int

// The sections, in their order.
const (
	OfNode     Section = iota // nodes and their services
	OfHardware                // hardware and power
	OfPath                    // WAN links and the origin
	OfLoad                    // the load
)

// Reference lists every kind of fault by section.
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

// strikes names the service of a node that the fault strikes; empty: the whole node or link.
func (k Kind) strikes(d design.View, f Fault, node string) (string, error) {
	switch {
	case !k.Service:
		return "", nil
	case k.program != nil:
		return k.program(d, f, node)
	}
	return serviceOf(d, f, node)
}

// serviceOf names the service of the fault's role on a node.
func serviceOf(d design.View, f Fault, node string) (string, error) {
	if f.Target.Of != "" {
		return f.Target.Of, nil
	}
	service, found := target.ServiceOn(d, f.Target, node)
	if !found {
		return "", reason.Errorf("no-service", "fault %s: node %s has no service in the role %s", f.Kind, node, f.Target.Role)
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
			v.Refuse("foreign-parameter", "%s has no %s; only %s %s one", k.Name, key, strings.Join(names, ", "), has)
		}
	}
}
