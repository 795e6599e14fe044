package target

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// resolver finds what targets mean in one design.
type resolver struct {
	design.View
	struck []string // by faults that are sure to be in force when this one strikes
}

// places are the roles whose targets are no nodes of the design, and how their symbols and names are resolved.
var places = map[string]func(resolver, Target, *rand.Rand) (Choice, error){
	RoleWAN:    resolver.links,
	RoleUsers:  resolver.users,
	RoleZone:   resolver.zones,
	RoleOrigin: resolver.origins,
	RoleFeed:   resolver.feeds,
	RoleDNS:    resolver.responders,
}

// Resolve finds what a target means in the design. Every symbol that leaves a choice open takes it from rng. Struck are what
// other faults have struck when this one is due: they neither serve nor stand by.
func Resolve(v design.View, t Target, struck []string, rng *rand.Rand) (Choice, error) {
	d := resolver{v, struck}
	if resolve := places[t.Role]; resolve != nil {
		return resolve(d, t, rng)
	}
	if !t.Symbol() {
		return d.named(t, d.NodeNames())
	}
	if t.Role == RoleBalancer && d.Balance == nil {
		return Choice{}, fmt.Errorf("role %s: users enter at the forward proxy of %s; this design has no balancer", RoleBalancer, d.Entry.Host)
	}
	if t.Role == RoleProxy && d.Balance != nil {
		return d.balanced(t, rng)
	}
	return d.entries(t, rng)
}

// entries resolves a symbol among the nodes where users enter.
func (d resolver) entries(t Target, rng *rand.Rand) (Choice, error) {
	switch t.Pick {
	case All:
		return Choice{Pick: PickAll, Nodes: d.Members}, nil
	case Any:
		return d.oneOf(d.Members, rng), nil
	case Standby:
		if d.Pool {
			return Choice{}, fmt.Errorf("target %s: every exit of the pool serves; none stands by", Standby)
		}
		if d.DNS != nil {
			return Choice{}, fmt.Errorf("target %s: users take the records of %s in turn; none stands by", Standby, d.DNS.Host())
		}
		if len(d.Members) < 2 {
			return Choice{}, fmt.Errorf("target %s: nothing stands by for %s in this design", Standby, d.Entry.Host)
		}
		if d.PAC != nil {
			return Choice{Pick: PickFirst, Nodes: d.Members[1:2]}, nil
		}
		return Choice{PickNotHolder, d.Members, d.Address.Name}, nil
	}
	if d.Pool || d.DNS != nil {
		return d.oneOf(d.Members, rng), nil
	}
	if d.Address == nil {
		return Choice{Pick: PickFirst, Nodes: d.left(d.Members)[:1]}, nil
	}
	return Choice{PickHolder, d.Members, d.Address.Name}, nil
}

// balanced resolves a symbol among the servers of the balancer. All of them serve but the backups.
func (d resolver) balanced(t Target, rng *rand.Rand) (Choice, error) {
	switch t.Pick {
	case All:
		return Choice{Pick: PickAll, Nodes: d.AllServers()}, nil
	case Any:
		return d.oneOf(d.AllServers(), rng), nil
	case Standby:
		if len(d.Backups) > 0 {
			return Choice{Pick: PickFirst, Nodes: d.left(d.Backups)[:1]}, nil
		}
		return Choice{}, fmt.Errorf("target %s, role %s: every server of the balancer serves; none stands by", Standby, RoleProxy)
	}
	return d.oneOf(d.Servers, rng), nil
}

// named resolves a name among the valid ones.
func (d resolver) named(t Target, valid []string) (Choice, error) {
	if !slices.Contains(valid, t.Pick) {
		return Choice{}, unknown("target", t.Pick, append([]string{Serving, Standby, Any, All}, valid...))
	}
	return Choice{Pick: PickFirst, Nodes: []string{t.Pick}}, nil
}

// unknown refuses a name of something with the valid ones.
func unknown(what, name string, valid []string) error {
	return fmt.Errorf("unknown %s %q%s; valid: %s", what, name, yamlfile.Suggest(name, valid), strings.Join(valid, ", "))
}

// left are those of the names that no other fault has struck meanwhile; all of them, if that are none.
func (d resolver) left(names []string) []string {
	left := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(d.struck, name) })
	if len(left) == 0 {
		return names
	}
	return left
}

// oneOf draws among the names that are left.
func (d resolver) oneOf(names []string, rng *rand.Rand) Choice {
	if len(names) == 0 {
		return Choice{Pick: PickFirst}
	}
	names = d.left(names)
	i := rng.IntN(len(names))
	return Choice{Pick: PickFirst, Nodes: names[i : i+1]}
}
