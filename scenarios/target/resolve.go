package target

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// resolver resolves targets in one design.
type resolver struct {
	design.View
	struck []string // by faults that are sure to be in force when this one strikes
}

// places are the roles whose targets are not nodes, with their resolvers.
var places = map[string]func(resolver, Target, *rand.Rand) (Choice, error){
	RoleWAN:    resolver.links,
	RoleUsers:  resolver.users,
	RoleZone:   resolver.zones,
	RoleOrigin: resolver.origins,
	RoleFeed:   resolver.feeds,
	RoleDNS:    resolver.responders,
}

// Resolve resolves a target in the design. A random choice comes from rng. Struck are the targets of faults that are in force when
// this one is due: they neither serve nor stand by. Errors have the codes no-standby, no-spare-exit, no-balancer, no-dns, no-power,
// symbol-not-of-role and unknown-target.
func Resolve(v design.View, t Target, struck []string, rng *rand.Rand) (Choice, error) {
	d := resolver{v, struck}
	if resolve := places[t.Role]; resolve != nil {
		return resolve(d, t, rng)
	}
	if !t.Symbol() {
		return d.named(t, d.NodeNames())
	}
	if t.Role == RoleBalancer && d.Balance == nil {
		return Choice{}, reason.Errorf("no-balancer", "role %s: this design has no balancer; users enter at the forward proxy of %s", RoleBalancer, d.Entry.Host)
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
		return all(d.Members)
	case Any:
		return d.oneOf(d.Members, rng)
	case Standby:
		return d.standby()
	}
	if d.Pool || d.DNS != nil {
		return d.oneOf(d.Members, rng)
	}
	if d.Address == nil {
		return first(d.left(d.Members)[0])
	}
	return Choice{PickHolder, d.Members, d.Address.Name}, nil
}

// standby resolves the node that would take over for the entry.
func (d resolver) standby() (Choice, error) {
	switch {
	case d.Pool:
		return Choice{}, reason.Errorf("no-spare-exit", "target %s: every exit of the pool serves; no exit stands by", Standby)
	case d.DNS != nil:
		return Choice{}, noStandby(RoleEntry, "users take the records of %s in turn", d.DNS.Host())
	case len(d.Members) < 2:
		return Choice{}, d.noSecondMember()
	case d.PAC != nil:
		return first(d.Members[1])
	}
	return Choice{PickNotHolder, d.Members, d.Address.Name}, nil
}

func (d resolver) noSecondMember() error {
	return reason.Errorf("no-standby", "target %s: no node stands by for %s", Standby, d.Entry.Host)
}

// noStandby refuses the symbol standby of a role: why says what serves instead.
func noStandby(role, why string, args ...any) error {
	return reason.Errorf("no-standby", "target %s, role %s: %s; none stands by", Standby, role, fmt.Sprintf(why, args...))
}

// balanced resolves a symbol among the servers of the balancer. All servers except the backups serve.
func (d resolver) balanced(t Target, rng *rand.Rand) (Choice, error) {
	switch t.Pick {
	case All:
		return all(d.AllServers())
	case Any:
		return d.oneOf(d.AllServers(), rng)
	case Standby:
		if len(d.Backups) == 0 {
			return Choice{}, noStandby(RoleProxy, "every server of the balancer serves")
		}
		return first(d.left(d.Backups)[0])
	}
	return d.oneOf(d.Servers, rng)
}

// named resolves a name among the valid ones.
func (d resolver) named(t Target, valid []string) (Choice, error) {
	if !slices.Contains(valid, t.Pick) {
		return Choice{}, unknown("target", t.Pick, symbols, valid)
	}
	return first(t.Pick)
}

// unknown refuses a name and lists the valid symbols and names.
func unknown(what, name string, symbols, names []string) error {
	valid := slices.Concat(symbols, names)
	return reason.Errorf("unknown-target", "unknown %s %q%s; valid: %s", what, name, yamlfile.Suggest(name, valid), strings.Join(valid, ", "))
}

// left are the names that no other fault has struck; all names if every one is struck.
func (d resolver) left(names []string) []string {
	left := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(d.struck, name) })
	if len(left) == 0 {
		return names
	}
	return left
}

// oneOf draws one of the names that are left.
func (d resolver) oneOf(names []string, rng *rand.Rand) (Choice, error) {
	if len(names) == 0 {
		return first()
	}
	names = d.left(names)
	return first(names[rng.IntN(len(names))])
}
