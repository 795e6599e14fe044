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
var places = map[string]func(predictor, Target, *rand.Rand) (choice, error){
	RoleWAN:   predictor.resolveLink,
	RoleUsers: predictor.resolveUsers,
	RoleZone:  predictor.resolveZone,

	RoleOrigin: predictor.resolveOrigin,
	RoleFeed:   predictor.resolveFeed,
	RoleDNS:    predictor.resolveDNS,
}

// resolve finds what a target means in the design. Every symbol that leaves a choice open takes it from rng, and what other faults
// have struck already neither serves nor stands by.
func (d predictor) resolve(f Fault, rng *rand.Rand) (choice, error) {
	if resolve := places[f.Target.Role]; resolve != nil {
		return resolve(d, f.Target, rng)
	}
	if !isSymbol(f.Target.Pick) {
		return d.named(f.Target, d.NodeNames())
	}
	if f.Target.Role == RoleBalancer && d.Balance == nil {
		return choice{}, fmt.Errorf("role %s: users enter at the forward proxy of %s; this design has no balancer", RoleBalancer, d.Entry.Host)
	}
	if f.Target.Role == RoleProxy && d.Balance != nil {
		return d.resolveServer(f.Target, rng)
	}
	return d.resolveEntry(f.Target, rng)
}

// resolveEntry resolves a symbol among the nodes where users enter.
func (d predictor) resolveEntry(t Target, rng *rand.Rand) (choice, error) {
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: d.Members}, nil
	case Any:
		return d.oneOf(d.Members, rng), nil
	case Standby:
		if d.Pool {
			return choice{}, fmt.Errorf("target %s: every exit of the pool serves; none stands by", Standby)
		}
		if d.DNS != nil {
			return choice{}, fmt.Errorf("target %s: users take the records of %s in turn; none stands by", Standby, d.DNS.Host())
		}
		if len(d.Members) < 2 {
			return choice{}, fmt.Errorf("target %s: nothing stands by for %s in this design", Standby, d.Entry.Host)
		}
		if d.PAC != nil {
			return choice{pick: PickFirst, nodes: d.Members[1:2]}, nil
		}
		return choice{PickNotHolder, d.Members, d.Address.Name}, nil
	}
	if d.Pool || d.DNS != nil {
		return d.oneOf(d.Members, rng), nil
	}
	if d.Address == nil {
		return choice{pick: PickFirst, nodes: d.left(d.Members)[:1]}, nil
	}
	return choice{PickHolder, d.Members, d.Address.Name}, nil
}

// resolveServer resolves a symbol among the servers of the balancer. All of them serve but the backups.
func (d predictor) resolveServer(t Target, rng *rand.Rand) (choice, error) {
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: d.AllServers()}, nil
	case Any:
		return d.oneOf(d.AllServers(), rng), nil
	case Standby:
		if len(d.Backups) > 0 {
			return choice{pick: PickFirst, nodes: d.left(d.Backups)[:1]}, nil
		}
		return choice{}, fmt.Errorf("target %s, role %s: every server of the balancer serves; none stands by", Standby, RoleProxy)
	}
	return d.oneOf(d.Servers, rng), nil
}

// resolveLink resolves a target among the WAN links.
func (d predictor) resolveLink(t Target, rng *rand.Rand) (choice, error) {
	all, serving := d.LinkNames(), d.ServingLinks()
	switch t.Pick {
	case All:
		return choice{pick: PickAll, nodes: all}, nil
	case Any:
		return d.oneOf(all, rng), nil
	case Serving:
		if d.Balance != nil {
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
func (d predictor) named(t Target, valid []string) (choice, error) {
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
func (d predictor) left(names []string) []string {
	left := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(d.struckBefore, name) })
	if len(left) == 0 {
		return names
	}
	return left
}

// oneOf draws among the names that are left.
func (d predictor) oneOf(names []string, rng *rand.Rand) choice {
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
func (d predictor) struck(f Fault, node string) (string, error) {
	if info, _ := kindOf(f.Kind); !info.service {
		return "", nil
	}
	if f.Program == ProgramKeepalived {
		return d.keepalivedOn(node)
	}
	n, _ := d.Topology.Node(node)
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
		if service, found = d.EntryService(node); !found && !isSymbol(f.Target.Pick) {
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
