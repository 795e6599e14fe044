package keepalived

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Routers gives the virtual routers of nodes: the instances with the same router id and a common virtual address.
func Routers(nodes []Node) (routers []Router) {
	for _, n := range nodes {
		for k := range n.Config.Instances {
			m := Member{n, &n.Config.Instances[k]}
			at := slices.IndexFunc(routers, func(r Router) bool { return r.has(m) })
			if at < 0 {
				routers = append(routers, Router{ID: m.Instance.RouterID.Value, nodes: nodes})
				at = len(routers) - 1
			}
			routers[at].Members = append(routers[at].Members, m)
		}
	}
	return routers
}

// has tells whether an instance belongs to the virtual router.
func (r Router) has(m Member) bool {
	if r.ID != m.Instance.RouterID.Value {
		return false
	}
	return slices.ContainsFunc(r.Members, func(o Member) bool {
		return o.Node.Name != m.Node.Name && (len(o.Instance.Addresses)+len(m.Instance.Addresses) == 0 || common(o.Instance, m.Instance))
	})
}

// common tells whether two instances have a virtual address in common.
func common(a, b *Instance) bool {
	return slices.ContainsFunc(a.Addresses, func(x Address) bool {
		return slices.ContainsFunc(b.Addresses, func(y Address) bool { return x.Value.Addr() == y.Value.Addr() })
	})
}

// own is the address by which a member is compared at equal priorities; invalid: not known.
func (m Member) own() netip.Addr {
	if a, err := netip.ParseAddr(m.Instance.Source.Value); err == nil {
		return a
	}
	return m.Node.Addresses[m.Instance.Interface.Value]
}

// ranked are the members that are not in FAULT, except that of a node, by priority and then by address, the highest first.
func (r Router) ranked(without string) (list []Member) {
	for _, m := range r.Members {
		if _, up := m.priority(); up && m.Node.Name != without {
			list = append(list, m)
		}
	}
	slices.SortStableFunc(list, func(a, b Member) int {
		x, _ := a.priority()
		y, _ := b.priority()
		return cmp.Or(cmp.Compare(y, x), b.own().Compare(a.own()))
	})
	return list
}

// priority is the effective priority of a member whose tracks are all up.
func (m Member) priority() (int, bool) { return m.Node.Config.Priority(m.Instance) }

// Master is the node that has the address after a common start, while all tracks are up: that of the highest priority, of equal ones that
// with state MASTER, then that of the highest address. With nopreempt or equal priorities another node that was there first keeps it:
// sure is false. Empty: all members are in FAULT.
func (r Router) Master() (node string, sure bool) {
	list := r.ranked("")
	if len(list) == 0 {
		return "", true
	}
	first, _ := list[0].priority()
	best := list[0]
	for _, m := range list[1:] {
		if p, _ := m.priority(); p == first && m.Instance.Initial() == policy.NameMaster && best.Instance.Initial() != policy.NameMaster {
			best = m
		}
	}
	ties := 0
	for _, m := range list {
		if p, _ := m.priority(); p == first {
			ties++
		}
	}
	return best.Node.Name, ties == 1 && best.Instance.Preempts()
}

// Takeover says what the virtual router does at a fault of the node that has the address.
func (r Router) Takeover(f Fault) Takeover {
	t := Takeover{From: f.Node}
	at := slices.IndexFunc(r.Members, func(m Member) bool { return m.Node.Name == f.Node })
	if at < 0 {
		return t.never(fmt.Sprintf("%s is no member", f.Node), nil)
	}
	master := r.Members[at]
	e := master.exit(f)
	t.Detect, t.Blind = e.detect, e.blind
	if e.how == stays {
		return t.never(e.why, e.at)
	}
	return r.claim(t, master, e, f)
}

// never completes a takeover that does not happen.
func (t Takeover) never(why string, at []configtext.Pos) Takeover {
	t.Never, t.Why, t.At, t.To, t.Terms, t.Failover = true, why, at, "", nil, policy.Bounds{}
	return t
}

// claim finds the backup that takes the address over.
func (r Router) claim(t Takeover, master Member, e exit, f Fault) Takeover {
	list := r.ranked(f.Node)
	if len(list) == 0 {
		return t.never("no other node has the address", places(master.Instance.Name.At))
	}
	if e.how == lowered {
		at := slices.IndexFunc(list, func(m Member) bool { p, _ := m.priority(); return p > e.priority && m.Instance.Preempts() })
		if at < 0 {
			return t.never(r.unmoved(list[0], master, e))
		}
		list = list[at:]
	}
	backup := list[0]
	t.To = backup.Node.Name
	wait, term := backup.wait(master, e)
	if e.how != silent && e.how != released || e.term.Text != "" {
		t.Terms = append(t.Terms, e.term)
	}
	if f.Kind == Dead || f.Kind == Partitioned {
		t.Detect = wait
	}
	t.Terms, t.Failover = append(t.Terms, term), e.detect.Plus(wait)
	return r.synchronized(t, master, backup, f)
}

// unmoved says why no backup takes the address from a master of lower priority.
func (r Router) unmoved(best, master Member, e exit) (string, []configtext.Pos) {
	p, _ := best.priority()
	at := append(e.at, places(best.Instance.Priority.At, best.Instance.NoPreempt.At)...)
	switch {
	case p == e.priority:
		return fmt.Sprintf("the priority of %s falls to %d, and %s has %d: equal is not higher", master.Node.Name, e.priority, best.Node.Name, p), at
	case p < e.priority:
		return fmt.Sprintf("the priority of %s falls to %d only, and %s has %d", master.Node.Name, e.priority, best.Node.Name, p), at
	}
	return fmt.Sprintf("%s has nopreempt: it takes advertisements of %d too", best.Node.Name, e.priority), at
}

// rounded is a time as a text has it, to the millisecond.
func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// wait bounds the time from the end of the detection until a backup is master.
func (m Member) wait(master Member, e exit) (policy.Bounds, Term) {
	p, _ := m.priority()
	v, i := m.Instance.timers(p, master.Instance.Advert.Value), m.Instance
	from := places(i.Priority.At, i.Advert.At, i.DownAdverts.At)
	b, text := v.Silence(), fmt.Sprintf("%s: master-down interval %s less a phase of %s", m.Node.Name, rounded(v.MasterDown()), v.Advert)
	switch {
	case e.how == released:
		b, text = v.Release(), fmt.Sprintf("%s: skew %s after priority 0", m.Node.Name, rounded(v.Skew()))
	case e.how == lowered && i.PreemptWait() > 0:
		b, text = v.Outbid(i.PreemptWait()), fmt.Sprintf("%s: preempt_delay %s, then master-down interval %s", m.Node.Name, i.PreemptWait(), rounded(v.MasterDown()))
		from = append(from, places(i.PreemptDelay.At)...)
	}
	return b, Term{text, b, from}
}

// synchronized waits for the other members of the backup's sync group: it becomes master only if all want to (vrrp_sync_can_goto_master).
func (r Router) synchronized(t Takeover, master, backup Member, f Fault) Takeover {
	group := backup.Node.Config.Group(backup.Instance.Name.Value)
	if group == nil {
		return t
	}
	for _, other := range Routers(r.nodes) {
		mine := other.member(backup.Node.Name, group)
		theirs := other.of(master.Node.Name)
		if mine == nil || mine.Instance.Name == backup.Instance.Name || theirs == nil {
			continue
		}
		e := theirs.exit(f)
		p, up := mine.priority()
		if t.Blind = t.Blind || e.blind; e.how == stays || !up || e.how == lowered && (p <= e.priority || !mine.Instance.Preempts()) {
			t.Detect = policy.Bounds{}
			return t.never(fmt.Sprintf("sync group %s: %s stays BACKUP on %s, because it goes on hearing %s", group.Name.Value, mine.Instance.Name.Value,
				backup.Node.Name, master.Node.Name), places(group.Name.At, mine.Instance.Name.At))
		}
		wait, term := mine.wait(*theirs, e)
		whole := e.detect.Plus(wait)
		if whole.Hi > t.Failover.Hi {
			t.Terms = []Term{{fmt.Sprintf("sync group %s waits for %s", group.Name.Value, mine.Instance.Name.Value), e.detect, places(group.Name.At)}, term}
		}
		t.Failover = policy.Bounds{Lo: max(t.Failover.Lo, whole.Lo), Hi: max(t.Failover.Hi, whole.Hi)}
	}
	return t
}

// member is the instance of a node that belongs to a group; nil: none.
func (r Router) member(node string, group *SyncGroup) *Member {
	m := r.of(node)
	if m == nil || !slices.ContainsFunc(group.Members, func(name configtext.Setting[string]) bool { return name.Value == m.Instance.Name.Value }) {
		return nil
	}
	return m
}

// of is the member of a node; nil: it has none.
func (r Router) of(node string) *Member {
	at := slices.IndexFunc(r.Members, func(m Member) bool { return m.Node.Name == node })
	if at < 0 {
		return nil
	}
	return &r.Members[at]
}

// Back bounds the time from keepalived's start on a node that was away until it has the address again, with all its tracks up at once.
// never: it stays where it is.
func (r Router) Back(node, holder string) (b policy.Bounds, never bool) {
	m, h := r.of(node), r.of(holder)
	if m == nil || h == nil {
		return b, true
	}
	p, up := m.priority()
	if held, _ := h.priority(); !up || p <= held || !m.Instance.Preempts() {
		return b, true
	}
	v := m.Instance.timers(p, h.Instance.Advert.Value)
	switch {
	case m.Instance.PreemptWait() > 0:
		return v.Outbid(m.Instance.PreemptWait()), false
	case m.Instance.Initial() == policy.NameMaster: // one interval and the smallest skew, to see whether there is a master (vrrp_init_state)
		first := v.Advert + policy.VRRP{Version: v.Version, Advert: v.Advert, Priority: 255}.Skew()
		return policy.Bounds{Lo: first, Hi: first}, false
	}
	return policy.Bounds{Lo: v.MasterDown(), Hi: v.MasterDown()}, false
}
