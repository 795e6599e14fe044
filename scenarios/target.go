package scenarios

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// How PlannedFault.Pick chooses among the candidates when the fault is due.
const (
	PickAll       = "all"        // every candidate
	PickFirst     = "first"      // the first: the plan has chosen
	PickHolder    = "holder"     // the candidate that holds Address then
	PickNotHolder = "not-holder" // the first candidate that does not
)

// choice is a target that is resolved as far as the design allows.
type choice struct {
	pick    string
	nodes   []string // or links
	address string
}

// places are the roles whose targets are no nodes of the design, and how their symbols and names are resolved.
var places = map[string]func(design, Target, *rand.Rand) (choice, error){
	RoleWAN:   design.resolveLink,
	RoleUsers: design.resolveUsers,
	RoleZone:  design.resolveZone,

	RoleOrigin: design.resolveOrigin,
	RoleFeed:   design.resolveFeed,
	RoleDNS:    design.resolveDNS,
}

// resolve finds what a target means in the design. Every symbol that leaves a choice open takes it from rng, and what other faults
// have struck already neither serves nor stands by.
func (d design) resolve(f Fault, rng *rand.Rand) (choice, error) {
	if resolve := places[f.Target.Role]; resolve != nil {
		return resolve(d, f.Target, rng)
	}
	if !isSymbol(f.Target.Pick) {
		return d.named(f.Target, d.nodeNames())
	}
	if f.Target.Role == RoleBalancer && d.balance == nil {
		return choice{}, fmt.Errorf("role %s: users enter at the forward proxy of %s; this design has no balancer", RoleBalancer, d.entry.Host)
	}
	if f.Target.Role == RoleProxy && d.balance != nil {
		return d.resolveServer(f.Target, rng)
	}
	return d.resolveEntry(f.Target, rng)
}

// resolveEntry resolves a symbol among the nodes where users enter.
func (d design) resolveEntry(t Target, rng *rand.Rand) (choice, error) {
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: d.members}, nil
	case Any:
		return d.oneOf(d.members, rng), nil
	case Standby:
		if d.pool {
			return choice{}, fmt.Errorf("target %s: every exit of the pool serves; none stands by", Standby)
		}
		if d.dns != nil {
			return choice{}, fmt.Errorf("target %s: users take the records of %s in turn; none stands by", Standby, d.dns.Host())
		}
		if len(d.members) < 2 {
			return choice{}, fmt.Errorf("target %s: nothing stands by for %s in this design", Standby, d.entry.Host)
		}
		if d.pac != nil {
			return choice{pick: PickFirst, nodes: d.members[1:2]}, nil
		}
		return choice{PickNotHolder, d.members, d.address.Name}, nil
	}
	if d.pool || d.dns != nil {
		return d.oneOf(d.members, rng), nil
	}
	if d.address == nil {
		return choice{pick: PickFirst, nodes: d.left(d.members)[:1]}, nil
	}
	return choice{PickHolder, d.members, d.address.Name}, nil
}

// resolveServer resolves a symbol among the servers of the balancer. All of them serve but the backups.
func (d design) resolveServer(t Target, rng *rand.Rand) (choice, error) {
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: appendNew(slices.Clone(d.servers), d.backups...)}, nil
	case Any:
		return d.oneOf(appendNew(slices.Clone(d.servers), d.backups...), rng), nil
	case Standby:
		if len(d.backups) > 0 {
			return choice{pick: PickFirst, nodes: d.left(d.backups)[:1]}, nil
		}
		return choice{}, fmt.Errorf("target %s, role %s: every server of the balancer serves; none stands by", Standby, RoleProxy)
	}
	return d.oneOf(d.servers, rng), nil
}

// resolveLink resolves a target among the WAN links.
func (d design) resolveLink(t Target, rng *rand.Rand) (choice, error) {
	all, serving := d.linkNames(), d.servingLinks()
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: all}, nil
	case Any:
		return d.oneOf(all, rng), nil
	case Serving:
		if d.balance != nil {
			return d.oneOf(serving, rng), nil
		}
		serving = d.left(serving)
		return choice{pick: PickFirst, nodes: serving[:min(1, len(serving))]}, nil
	case Standby:
		spare := slices.DeleteFunc(all, func(l string) bool { return slices.Contains(serving, l) })
		if len(spare) == 0 {
			return choice{}, fmt.Errorf("target %s, role %s: every WAN link serves; none stands by", Standby, RoleWAN)
		}
		return choice{pick: PickFirst, nodes: d.left(spare)[:1]}, nil
	}
	return d.named(t, all)
}

// named resolves a name among the valid ones.
func (d design) named(t Target, valid []string) (choice, error) {
	if !slices.Contains(valid, t.Pick) {
		return choice{}, unknown("target", t.Pick, append([]string{Serving, Standby, Any, All}, valid...))
	}
	return choice{pick: PickFirst, nodes: []string{t.Pick}}, nil
}

// unknown refuses a name of something with the valid ones.
func unknown(what, name string, valid []string) error {
	return fmt.Errorf("unknown %s %q%s; valid: %s", what, name, yamlfile.Suggest(name, valid), strings.Join(valid, ", "))
}

func isSymbol(pick string) bool { return slices.Contains([]string{Serving, Standby, Any, All}, pick) }

// left are those of the names that no other fault has struck meanwhile; all of them, if that are none.
func (d design) left(names []string) []string {
	left := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(d.struckBefore, name) })
	if len(left) == 0 {
		return names
	}
	return left
}

// oneOf draws among the names that are left.
func (d design) oneOf(names []string, rng *rand.Rand) choice {
	if len(names) == 0 {
		return choice{pick: PickFirst}
	}
	names = d.left(names)
	i := rng.IntN(len(names))
	return choice{pick: PickFirst, nodes: names[i : i+1]}
}

// struck names the service of a node that a crash or hang strikes: by the role the one at the entry port, the forward
// proxy or the balancer. A named node that is no entry has its forward proxy struck, or else its balancer or its DNS
// responder.
func (d design) struck(f Fault, node string) (string, error) {
	if info, _ := kindOf(f.Kind); !info.service {
		return "", nil
	}
	if f.Program == ProgramKeepalived {
		return d.keepalivedOn(node)
	}
	n, _ := d.t.Node(node)
	var service topology.Service
	var found bool
	switch f.Target.Role {
	case RoleProxy:
		service, found = n.ForwardProxy()
	case RoleBalancer:
		service, found = n.Balancer()
	case RoleDNS:
		service, found = n.Responder()
	default:
		if service, found = d.entryService(node); !found && !isSymbol(f.Target.Pick) {
			service, found = namedService(n)
		}
	}
	if !found {
		return "", fmt.Errorf("node %s has no service to %s in the role %s", node, f.Kind, f.Target.Role)
	}
	return service.Name, nil
}

func namedService(n topology.Node) (topology.Service, bool) {
	if proxy, ok := n.ForwardProxy(); ok {
		return proxy, true
	}
	if balancer, ok := n.Balancer(); ok {
		return balancer, true
	}
	return n.Responder()
}
