package promise

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// routers are the virtual routers of a system.
func routers(s *deployment.System) []keepalived.Router { return keepalived.Routers(Members(s)) }

// Members are the nodes of a system with their keepalived.conf.
func Members(s *deployment.System) (nodes []keepalived.Node) {
	for _, h := range s.Hosts {
		if h.Keepalived == nil {
			continue
		}
		own := map[string]netip.Addr{}
		for _, i := range h.Interfaces {
			if !i.From.Assumed {
				own[i.Name] = i.Address.Addr()
			}
		}
		nodes = append(nodes, keepalived.Node{Name: h.Name, Config: h.Keepalived, Addresses: own})
	}
	return nodes
}

// router gives the virtual router of an address.
func (st *state) router(addr netip.Addr) (keepalived.Router, bool) {
	r, ok := st.idx.routers[addr]
	return r, ok
}

// holder is the node that has a virtual address before the fault. Where the files do not decide it, it is the one that the fault hits.
func (st *state) holder(r keepalived.Router) (h *deployment.Host, assumed []string) {
	name, sure := r.Master()
	for _, t := range st.fault.Targets {
		if !sure && slices.ContainsFunc(r.Members, func(m keepalived.Member) bool { return m.Node.Name == t.Node }) {
			name = t.Node
		}
	}
	if !sure {
		assumed = []string{fmt.Sprintf("%s has the address: the files do not decide which node has it", name)}
	}
	h, _ = st.Find(name)
	for _, m := range r.Members {
		member, _ := st.Find(m.Node.Name)
		st.visit(member)
	}
	return h, assumed
}

// elected gives the outcomes for users of a virtual address.
func (st *state) elected(r keepalived.Router, e deployment.Entry) []outcome {
	h, assumed := st.holder(r)
	if h == nil {
		return []outcome{{struck: true, detect: never, failover: never, why: "no node has the address: all members are in FAULT"}}
	}
	port := int(e.Address.Port())
	fault, leaves := st.leaves(h)
	socket, listens := h.Listener(e.Address.Addr(), port)
	mode, down := st.of(h, socket.Engine)
	switch {
	case leaves:
		return st.takenOver(r, fault, assumed, e, "everything until then is silent")
	case st.muted(h):
		return []outcome{st.heldTwice(r, h, assumed)}
	case listens && down:
		fault = keepalived.Fault{Node: h.Name, Kind: keepalived.TracksFail, Tracks: st.fails(h, socket.Engine, mode), As: mode}
		out := st.takenOver(r, fault, assumed, e, sees[mode])
		for i := range out {
			out[i].doubts = append(out[i].doubts, st.opaque(h)...)
		}
		return out
	case !listens:
		return nil
	}
	return st.service(h, port)
}

// leaves tells whether the fault takes the node's keepalived out of the election, or cuts it off.
func (st *state) leaves(h *deployment.Host) (f keepalived.Fault, leaves bool) {
	f = keepalived.Fault{Node: h.Name, As: policy.Blackholed}
	for _, t := range st.fault.Targets {
		if t.Node != h.Name {
			continue
		}
		switch st.fault.Kind {
		case PowerLoss:
			return f, t.Of == ""
		case LinkDown:
			f.Kind, f.Interface = keepalived.LinkDown, t.Of
			return f, true
		case Partition:
			f.Kind, f.Interface = keepalived.Partitioned, t.Of
			return f, true
		}
	}
	return f, false
}

// muted tells whether the fault kills or freezes the node's keepalived, and nothing else of it.
func (st *state) muted(h *deployment.Host) bool {
	return (st.fault.Kind == Crash || st.fault.Kind == Hang) &&
		slices.Contains(st.fault.Targets, Target{h.Name, deployment.Keepalived})
}

// heldTwice gives the outcome for users of an address whose holder sends no advertisement any more and keeps the address: both nodes serve.
func (st *state) heldTwice(r keepalived.Router, h *deployment.Host, assumed []string) outcome {
	t := r.Takeover(keepalived.Fault{Node: h.Name, Kind: keepalived.Dead})
	o := outcome{struck: true, assumed: assumed, detect: within(t.Detect), failover: prompt}
	if t.Never {
		o.detect, o.why = never, fmt.Sprintf("%s keeps the address, and no other node takes it: %s", h.Name, t.Why)
		return o
	}
	for _, one := range t.Terms {
		o.terms = append(o.terms, st.term(r, t.To, one))
	}
	o.why = fmt.Sprintf("%s keeps the address and sends nothing; %s takes it too, until keepalived runs again", h.Name, t.To)
	o.users = "kept connections end when the other node announces the address"
	return o
}

// takenOver gives the outcomes of a fault of the node with the address: of the election, and of what stands behind the next node.
func (st *state) takenOver(r keepalived.Router, f keepalived.Fault, assumed []string, e deployment.Entry, users string) (all []outcome) {
	t := r.Takeover(f)
	o := outcome{struck: true, users: users, assumed: assumed, why: t.Why, detect: within(t.Detect), failover: within(t.Failover)}
	if len(t.At) > 0 && t.Why != "" {
		o.why += fmt.Sprintf(" (%s)", joined(t.At))
	}
	for _, one := range t.Terms {
		o.terms = append(o.terms, st.term(r, t.To, one))
	}
	if t.Blind {
		o.detect = never
	}
	if t.Never {
		o.failover = never
		if f.Kind == keepalived.Partitioned || f.Kind == keepalived.LinkDown && !st.on(r, f) {
			return st.cutOff(r, f, o)
		}
		return []outcome{o}
	}
	if back, stays := r.Back(f.Node, t.To); f.Kind == keepalived.Dead && !stays {
		o.back = within(back)
	}
	next, _ := st.Find(t.To)
	for _, behind := range st.host(next, e.Address) {
		if behind.struck {
			both := o
			both.via, both.failover, both.why = behind.via, longer(o.failover, behind.failover), strings.Trim(o.why+"; "+behind.why, "; ")
			all = append(all, both)
		}
	}
	if len(all) == 0 {
		return []outcome{o}
	}
	return all
}

// on tells whether an interface is that of the router on the node.
func (st *state) on(r keepalived.Router, f keepalived.Fault) bool {
	return slices.ContainsFunc(r.Members, func(m keepalived.Member) bool {
		return m.Node.Name == f.Node && m.Instance.Interface.Value == f.Interface
	})
}

// cutOff is the outcome where an address stays on a node that is cut off on another interface: its users notice nothing.
func (st *state) cutOff(r keepalived.Router, f keepalived.Fault, o outcome) []outcome {
	if !st.on(r, f) {
		return nil
	}
	return []outcome{o}
}

// joined lists positions.
func joined(all []configtext.Pos) string {
	var words []string
	for _, p := range all {
		if word := p.String(); !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// timers are the directives of keepalived that a part of an interval depends on most.
var timers = []string{"advert_int", "interval", "delay", "terminate_delay", "preempt_delay"}

// term gives a term of an election, with the line of its timer.
func (st *state) term(r keepalived.Router, to string, t keepalived.Term) Term {
	out := Term{Text: t.Text, Bounds: t.Bounds}
	for _, at := range t.From {
		if word, _, _ := strings.Cut(st.Line(at), " "); slices.Contains(timers, word) {
			out.At, out.Setting = at, st.Line(at)
		}
	}
	for _, m := range r.Members {
		if m.Node.Name == to && out.Setting == "" && strings.Contains(t.Text, "master-down") {
			out.Setting, out.At = setting("advert_int", m.Instance.Advert)
		}
	}
	return out
}
