package promise

import (
	"net/netip"
	"slices"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// state is a system under a fault.
type state struct {
	*predictor
	fault Fault
	depth int                // of services behind each other
	seen  []*deployment.Host // whose files decide
}

// maxChain bounds how many services stand behind each other: files can name each other in a circle.
const maxChain = 16

func (p *predictor) state(f Fault) *state { return &state{predictor: p, fault: f} }

// failures are what a peer sees of a fault.
var failures = map[string]policy.Failure{PowerLoss: policy.Blackholed, Crash: policy.Refused, Hang: policy.Frozen}

// of tells how a service of a host fails; false: it does not.
func (st *state) of(h *deployment.Host, engine string) (policy.Failure, bool) {
	mode, is := failures[st.fault.Kind]
	if h == nil || !is {
		return 0, false
	}
	return mode, st.hits(h, engine)
}

// hits tells whether the fault is of a service.
func (st *state) hits(h *deployment.Host, engine string) bool {
	return slices.ContainsFunc(st.fault.Targets, func(t Target) bool { return t.Node == h.Name && (t.Of == "" || t.Of == engine) })
}

// at tells how what listens at a port of a host fails. If nothing that is known listens there, it fails with the whole host.
func (st *state) at(h *deployment.Host, port int) (policy.Failure, bool) {
	if h == nil {
		return 0, false
	}
	socket, _ := h.Listener(netip.Addr{}, port)
	return st.of(h, socket.Engine)
}

// enter gives the outcomes for the users of an entry: one for each way that the files tell apart.
func (st *state) enter(e deployment.Entry) []outcome {
	if e.PAC != "" {
		return st.browser(e)
	}
	if router, ok := st.router(e.Address.Addr()); ok {
		return st.elected(router, e)
	}
	if h, ok := st.Find(e.Address.Addr().String()); ok && h.Has(e.Address.Addr()) {
		return st.host(h, e.Address)
	}
	for _, h := range st.Hosts { // a name that is an address
		if h.Has(e.Address.Addr()) {
			return st.host(h, e.Address)
		}
	}
	return nil
}

// host gives the outcomes for users who connect to a node.
func (st *state) host(h *deployment.Host, at netip.AddrPort) []outcome {
	socket, ok := h.Listener(at.Addr(), int(at.Port()))
	if st.fault.Kind == Restart && socket.Engine == deployment.Squid && st.hits(h, socket.Engine) {
		return []outcome{st.restarting(h)}
	}
	if mode, down := st.of(h, socket.Engine); down {
		return []outcome{{struck: true, detect: never, failover: never, why: "there is no other " + h.Name, users: sees[mode]}}
	}
	if !ok {
		return nil
	}
	return st.service(h, int(at.Port()))
}

// sees is what users see of a place that is hit and that nothing replaces.
var sees = map[policy.Failure]string{
	policy.Refused: "everything is refused", policy.Blackholed: "everything is silent", policy.Frozen: "connecting succeeds, and no answer comes",
}

// visit records that the files of a host decide.
func (st *state) visit(h *deployment.Host) {
	if h != nil && !slices.Contains(st.seen, h) {
		st.seen = append(st.seen, h)
	}
}

// unmodelled are the lines that are not modelled and may change an outcome: those of the files that its timers are in.
func (st *state) unmodelled(o outcome) (all []configtext.Unknown) {
	for _, h := range st.seen {
		for _, u := range st.mayChange(h) {
			decides := slices.ContainsFunc(o.terms, func(t Term) bool { return t.At.File == u.At.File })
			if decides && !slices.Contains(all, u) {
				all = append(all, u)
			}
		}
	}
	return all
}

// service gives the outcomes behind a port of a host that is itself well.
func (st *state) service(h *deployment.Host, port int) []outcome {
	if st.depth == maxChain {
		return nil
	}
	st.visit(h)
	st.depth++
	defer func() { st.depth-- }()
	switch socket, _ := h.Listener(netip.Addr{}, port); socket.Engine {
	case deployment.HAProxy:
		return st.haproxy(h, port)
	case deployment.Nginx:
		return st.nginx(h, port)
	case deployment.Squid:
		return []outcome{st.squid(h)}
	}
	return nil
}
