package keepalived

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Lint says what is wrong with the configurations of the nodes of one site, in the order of the files. They may be one node alone.
func Lint(nodes []Node) (all []configtext.Finding) {
	for _, n := range nodes {
		all = append(all, n.Config.lint()...)
	}
	for _, r := range Routers(nodes) {
		all = append(all, r.lint()...)
	}
	all = append(all, contradictions(nodes)...)
	return unique(all)
}

// unique drops a finding that says the same at the same place: two nodes may run one file.
func unique(all []configtext.Finding) (kept []configtext.Finding) {
	for _, f := range all {
		if !slices.Contains(kept, f) {
			kept = append(kept, f)
		}
	}
	return kept
}

// lint are the findings of one file.
func (c *Config) lint() (all []configtext.Finding) {
	all = append(all, c.Findings...)
	for k := range c.Scripts {
		all = append(all, c.Scripts[k].lint()...)
	}
	for _, p := range c.Processes {
		all = append(all, finding("track-process-needs-host", p.Name.At,
			"keepalived hears of processes by netlink, which the kernel gives to the first network namespace only; elsewhere the instance goes to FAULT, and nobody has the address",
			"in a container use a vrrp_script", "vrrp_track_process %s works in the network namespace of the host only", p.Name.Value))
		if !p.Weight.Set() {
			all = append(all, finding("track-process-weight", p.Name.At, "keepalived 2.2.7 takes 0, so that a missing process means FAULT; its manual says 1",
				"write the weight", "vrrp_track_process %s has no weight", p.Name.Value))
		}
	}
	for k := range c.Instances {
		all = append(all, c.instance(&c.Instances[k])...)
	}
	for _, g := range c.Groups {
		if g.KeepsWeights.Set() || len(g.Members) < 2 {
			continue
		}
		all = append(all, c.ungrouped(g)...)
	}
	return all
}

// ungrouped are the weighted tracks that keepalived drops from members of a sync group.
func (c *Config) ungrouped(g SyncGroup) (all []configtext.Finding) {
	for _, m := range g.Members {
		i := named(c.Instances, m.Value, func(i Instance) string { return i.Name.Value })
		if i == nil {
			continue
		}
		for _, t := range i.Tracks {
			if t.Known && t.Weight.Value != 0 && !unweighted(&t, false) {
				all = append(all, finding("weight-in-sync-group", t.Name.At, "the members of a sync group must have fixed priorities (vrrp_complete_instance)",
					"track it in vrrp_sync_group, or with weight 0", "%s %s is not tracked: keepalived drops weighted tracks of the members of a sync group", t.Kind, t.Name.Value))
			}
		}
	}
	return all
}

// lint are the findings of a script.
func (s *Script) lint() (all []configtext.Finding) {
	timeout := s.Timeout.Value
	if s.looks() {
		all = append(all, finding("check-cannot-see-hang", s.Command.At, "a frozen process still exists", "ask the service for an answer, with a timeout",
			"script %s sees that a process ends, and not that it hangs", s.Name.Value))
	}
	for _, name := range s.needs() {
		all = append(all, finding("program-may-be-missing", s.Command.At, "keepalived disables a script whose program it does not find, and then nothing is tracked",
			"install "+absent[name], "script %s needs %s (%s)", s.Name.Value, name, absent[name]))
	}
	if s.Fall.Value == 1 && !s.looks() {
		at := s.Name.At
		if s.Fall.Set() {
			at = s.Fall.At
		}
		all = append(all, finding("fall-1", at, "fall is 1 unless set, and one slow or lost answer is a failure", "write fall 2 or more, and a shorter interval",
			"one failed run of script %s moves the address", s.Name.Value))
	}
	if timeout > s.Interval.Value {
		all = append(all, finding("script-timeout", s.Timeout.At, "keepalived 2.2.7 starts the next run while the last one is still running, and logs that it skips it",
			"write a timeout of at most the interval", "timeout %s of script %s is longer than its interval %s", timeout, s.Name.Value, s.Interval.Value))
	}
	if down := (policy.Check{Interval: s.Interval.Value, Fall: s.Fall.Value}).ScriptDown(policy.Refused).Hi; down > slow {
		all = append(all, finding("slow-detection", s.Interval.At, "detection takes up to fall x interval", "write a shorter interval",
			"script %s takes up to %s to see a dead service", s.Name.Value, down.Round(time.Second)))
	}
	return all
}

// slow is a detection that users notice as an outage: their requests end before it.
const slow = 30 * time.Second

// instance are the findings of an instance.
func (c *Config) instance(i *Instance) (all []configtext.Finding) {
	add := func(code string, at configtext.Pos, why, cure, format string, a ...any) {
		all = append(all, finding(code, at, why, cure, format, a...))
	}
	name, master := i.Name.Value, i.Initial() == policy.NameMaster
	if i.NoPreempt.Value && master {
		add("nopreempt-master", i.NoPreempt.At, "keepalived clears nopreempt of an instance whose first state is MASTER", "write state BACKUP on all nodes",
			"nopreempt of %s has no effect", name)
	}
	if i.PreemptDelay.Value > 0 && i.PreemptWait() == 0 {
		add("preempt-delay-without-effect", i.PreemptDelay.At, "keepalived clears it with state MASTER, nopreempt and strict mode", "write state BACKUP, or remove it",
			"preempt_delay of %s has no effect", name)
	}
	if i.AuthType.Set() && i.Version.Value == 3 {
		add("authentication-version-3", i.AuthType.At, "VRRP version 3 has none, and keepalived ignores it (RFC 5798, section 9)", "remove it, or write version 2",
			"%s has no authentication", name)
	}
	if i.State.Value == "MASTER" && !master {
		add("state-master-ignored", i.State.At, "with AH, and in strict mode below priority 255, keepalived starts as BACKUP", "write state BACKUP",
			"state MASTER of %s has no effect", name)
	}
	if i.State.Value == "MASTER" && !i.Priority.Set() {
		add("priority-of-owner", i.State.At, "without priority, keepalived gives state MASTER the priority 255, which no track changes", "write a priority",
			"%s has the priority of an address owner", name)
	}
	if i.RouterID.Value == 0 {
		add("no-router-id", i.Name.At, "keepalived drops the instance", "write virtual_router_id", "%s has no router id", name)
	}
	if i.Announce.Refresh.Value == 0 {
		add("no-garp-refresh", i.Name.At,
			"after a split brain a user's ARP entry may name the node that is not master any more; the master announces again only if it hears an advertisement of the other",
			"write garp_master_refresh 60 (seconds)", "%s does not repeat its gratuitous ARP: users may send to the wrong node after a split brain", name)
	}
	if c.untracked(i) {
		add("nothing-tracked", i.Name.At, "keepalived moves the address only when the node, its link or keepalived fails", "add track_script with a check of the service",
			"%s tracks nothing: the address stays when the service fails", name)
	}
	return all
}

// untracked tells whether nothing but interfaces is tracked for an instance.
func (c *Config) untracked(i *Instance) bool {
	return !slices.ContainsFunc(c.Tracked(i), func(t Track) bool { return t.Kind != TracksInterface })
}

// lint are the findings about the members of a virtual router.
func (r Router) lint() (all []configtext.Finding) {
	if len(r.Members) < 2 {
		return nil
	}
	for _, m := range r.Members {
		all = append(all, r.weights(m)...)
	}
	first := r.Members[0]
	for _, m := range r.Members[1:] {
		all = append(all, differ(first, m)...)
	}
	return append(all, r.equal()...)
}

// weights finds the tracks of a member that can never move the address.
func (r Router) weights(m Member) (all []configtext.Finding) {
	if list := r.ranked(""); len(list) == 0 || list[0].Node.Name != m.Node.Name {
		return nil
	}
	for _, t := range m.Node.Config.Tracked(m.Instance) {
		if t.Weight.Value == 0 || t.Kind == TracksFile {
			continue
		}
		took := r.Takeover(Fault{Node: m.Node.Name, Kind: TracksFail, Tracks: []string{t.Name.Value}})
		if !took.Never {
			continue
		}
		at := t.Name.At
		if t.Weight.Set() {
			at = t.Weight.At
		}
		all = append(all, finding("weight-without-effect", at, "a backup takes the address only from a master of lower priority",
			"write a weight of more than the gap between the priorities, or 0", "%s %s with weight %d never moves the address: %s", t.Kind, t.Name.Value, t.Weight.Value, took.Why))
	}
	return all
}

// equal finds members of equal priority.
func (r Router) equal() (all []configtext.Finding) {
	list := r.ranked("")
	for k := 1; k < len(list); k++ {
		a, _ := list[k-1].priority()
		b, _ := list[k].priority()
		if i := list[k].Instance; a == b && i.Preempts() {
			all = append(all, finding("equal-priorities", i.Priority.At, "of two that become master at the same time the one with the higher address stays",
				"give each node a priority of its own", "%s and %s have the priority %d: which of them has the address depends on their start and on their addresses",
				list[k-1].Node.Name, list[k].Node.Name, b))
		}
	}
	return all
}

// differ finds what two members of a virtual router must have alike.
func differ(a, b Member) (all []configtext.Finding) {
	i, j := a.Instance, b.Instance
	where := func(at configtext.Pos) configtext.Pos {
		if at.Line == 0 {
			return j.Name.At
		}
		return at
	}
	if i.Version.Value != j.Version.Value {
		all = append(all, finding("versions-differ", where(j.Version.At), "keepalived drops advertisements of another version, so both are master",
			"write the same version", "%s has VRRP version %d, %s has %d", a.Node.Name, i.Version.Value, b.Node.Name, j.Version.Value))
	}
	if i.Auth() != j.Auth() || i.Auth() != "" && i.AuthPass.Value != j.AuthPass.Value {
		all = append(all, finding("authentication-differs", where(j.AuthPass.At), "keepalived drops advertisements with a wrong password or type, so both are master",
			"write the same auth_type and auth_pass", "%s and %s have different authentication", a.Node.Name, b.Node.Name))
	}
	if i.Advert.Value != j.Advert.Value && i.Version.Value == 2 {
		all = append(all, finding("adverts-differ", where(j.Advert.At), "version 2 drops advertisements of another interval (RFC 3768, section 7.1), so both are master",
			"write the same advert_int", "%s advertises every %s, %s every %s", a.Node.Name, i.Advert.Value, b.Node.Name, j.Advert.Value))
	}
	if (len(i.Peers) > 0) != (len(j.Peers) > 0) {
		all = append(all, finding("unicast-differs", j.Name.At, "keepalived drops multicast where it has peers, and unicast where it has none, so both are master",
			"write unicast_peer on all nodes", "one of %s and %s has unicast_peer", a.Node.Name, b.Node.Name))
	}
	if i.NoPreempt.Value != j.NoPreempt.Value {
		all = append(all, finding("nopreempt-differs", where(j.NoPreempt.At), "each node decides for itself whether it takes the address back",
			"write nopreempt on all nodes", "one of %s and %s has nopreempt", a.Node.Name, b.Node.Name))
	}
	if x, y := list(i.Addresses), list(j.Addresses); x != y {
		all = append(all, finding("addresses-differ", where(at(j.Addresses)), "keepalived checks the addresses of an advertisement and drops one with others, so both are master",
			"write the same addresses", "%s has %s, %s has %s", a.Node.Name, x, b.Node.Name, y))
	}
	return all
}

// list are addresses without their prefixes, in order.
func list(addresses []Address) string {
	var all []string
	for _, a := range addresses {
		all = append(all, a.Value.Addr().String())
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func at(addresses []Address) configtext.Pos {
	if len(addresses) == 0 {
		return configtext.Pos{}
	}
	return addresses[0].At
}

// contradictions finds instances of one address with different router ids, and of one router id with different addresses.
func contradictions(nodes []Node) (all []configtext.Finding) {
	var members []Member
	for _, n := range nodes {
		for k := range n.Config.Instances {
			members = append(members, Member{n, &n.Config.Instances[k]})
		}
	}
	for k, b := range members {
		for _, a := range members[:k] {
			switch same := common(a.Instance, b.Instance); {
			case a.Node.Name == b.Node.Name || a.Instance.RouterID.Value == b.Instance.RouterID.Value && same:
			case same:
				all = append(all, finding("router-ids-differ", b.Instance.RouterID.At, "keepalived hears only its own router id, so both are master",
					"write the same virtual_router_id", "%s has router id %d for an address that %s has with %d", b.Node.Name, b.Instance.RouterID.Value, a.Node.Name,
					a.Instance.RouterID.Value))
			case a.Instance.RouterID.Value == b.Instance.RouterID.Value && meet(a.Instance, b.Instance):
				all = append(all, finding("router-id-twice", b.Instance.RouterID.At, "two virtual routers of one id on one segment hear each other's advertisements",
					"give each virtual router an id of its own", "%s and %s have router id %d for different addresses", a.Node.Name, b.Node.Name, b.Instance.RouterID.Value))
			}
		}
	}
	return all
}

// meet tells whether two instances may hear each other: both use multicast on an interface of one name and one version of IP.
func meet(a, b *Instance) bool {
	return len(a.Peers)+len(b.Peers) == 0 && path.Base(a.Interface.Value) == path.Base(b.Interface.Value) && len(a.Addresses) > 0 && len(b.Addresses) > 0 &&
		a.Addresses[0].Value.Addr().Is4() == b.Addresses[0].Value.Addr().Is4()
}
