package promise

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/nginx"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// nginx gives the outcomes behind a port of an nginx: one for each group of servers that its locations pass to.
func (st *state) nginx(h *deployment.Host, port int) (all []outcome) {
	for _, to := range st.passes(h, port) {
		o := st.upstream(h.Nginx, to.loc, to.up)
		o.via = "upstream " + to.up.Name
		all = append(all, o)
	}
	if len(all) == 1 {
		all[0].via = ""
	}
	return all
}

// upstream is the outcome for the users of a group.
func (st *state) upstream(c *nginx.Config, loc *nginx.Location, up *nginx.Upstream) outcome {
	g := st.peersOf(up)
	var hit []*nginx.Peer
	var mode policy.Failure
	rest, struck := g.usable, 0
	for _, i := range st.fault.struckOf(g.on) {
		p := up.Peers[i]
		h, _ := st.Find(p.Host)
		m, down := st.at(h, p.Port)
		if !down {
			continue
		}
		rest--
		if !p.Backup.Value {
			hit, mode = append(hit, p), m
			struck += p.Weight.Value
		}
	}
	if len(hit) == 0 {
		return st.behindPeers(g.dependencies)
	}
	o := outcome{struck: true, users: fmt.Sprintf("%d of %d servers", len(hit), g.users)}
	share := float64(struck) / float64(max(1, g.weight))
	return st.passive(o, c, passing{loc, up, hit[0], mode, share, rest})
}

// passing is a server that fails, and how users are passed on to it.
type passing struct {
	loc   *nginx.Location
	up    *nginx.Upstream
	peer  *nginx.Peer
	mode  policy.Failure
	share float64 // of the connections
	rest  int     // servers that are well
}

// behindPeers is the outcome behind servers that the fault does not hit themselves.
func (st *state) behindPeers(users []*nginx.Peer) outcome {
	var all []outcome
	for _, p := range users {
		if h, ok := st.Find(p.Host); ok {
			all = append(all, st.service(h, p.Port)...)
		}
	}
	return worse(all)
}

// goesOn tells whether a failed try goes on to another server: proxy_next_upstream allows it for the failure, and there is one.
func (p passing) goesOn() bool {
	next := strings.Fields(p.loc.Proxy.Next.Value)
	want := "error"
	if p.mode != policy.Refused {
		want = "timeout"
	}
	allowed := p.up.Stream && slices.Contains(next, "on") || !p.up.Stream && slices.Contains(next, want)
	tries := p.loc.Proxy.NextTries.Value
	return p.rest > 0 && allowed && tries != 1
}

// wait is the setting that ends a try.
func (p passing) wait() (Term, bool) {
	pass := p.loc.Proxy
	switch {
	case p.mode == policy.Blackholed:
		d := pass.Connect.Value
		return term("proxy_connect_timeout "+yamlfile.Span(d), "proxy_connect_timeout", pass.Connect, policy.Bounds{Lo: d, Hi: d}), true
	case p.mode == policy.Frozen && !p.up.Stream:
		d := pass.Read.Value
		return term("proxy_read_timeout "+yamlfile.Span(d), "proxy_read_timeout", pass.Read, policy.Bounds{Lo: d, Hi: d}), true
	}
	return Term{}, p.mode == policy.Refused
}

// passive is the outcome of passive checks (see policy.Passive): a server is set aside after max_fails failed tries.
func (st *state) passive(o outcome, c *nginx.Config, p passing) outcome {
	if p.rest == 0 {
		o.detect, o.failover, o.why = never, never, fmt.Sprintf("no other server in %s (%s)", p.up.Name, p.up.At)
		return o
	}
	wait, ends := p.wait()
	if !ends {
		o.detect, o.failover = never, never
		o.why = fmt.Sprintf("connecting to a frozen server succeeds, and a stream counts only connections that fail (%s)", p.up.At)
		return o
	}
	if limit := p.loc.Proxy.NextTimeout.Value; !p.goesOn() || limit > 0 && wait.Bounds.Lo >= limit {
		o.users += ": tries end with an error, none goes on to another server"
	} else {
		o.users += fmt.Sprintf(": tries go on to another server after %s", yamlfile.Span(wait.Bounds.Hi))
	}
	if p.peer.MaxFails.Value == 0 {
		o.detect, o.why = never, fmt.Sprintf("max_fails 0 sets no server aside (%s)", p.peer.MaxFails.At)
	} else {
		o.terms = st.aside(c, p, wait)
		if c.Counters(p.up) == 0 {
			o.assumed = append(o.assumed, "nginx has one worker: worker_processes auto makes one for each processor, and each counts failures for itself")
		}
		o.detect = within(sum(o.terms))
	}
	o.failover = o.detect
	if p.mode == policy.Refused && p.goesOn() {
		o.failover, o.why = prompt, "a refused connection goes on to another server"
	}
	return o
}

// aside is the formula of setting a server aside.
func (st *state) aside(c *nginx.Config, p passing, wait Term) []Term {
	n, worker, whose := p.peer.MaxFails.Value, 1.0, ""
	if counters := c.Counters(p.up); counters > 1 {
		worker, whose = 1/float64(counters), fmt.Sprintf(" in each of %d workers (no zone)", counters)
	}
	meet := policy.Encounters(int(math.Ceil(float64(n)/p.share)), worker, st.Rate) // servers take turns; workers do not
	if p.mode == policy.Refused {
		wait.Bounds = policy.Bounds{}
	}
	count := term(fmt.Sprintf("%d failures%s within %s at %g/s", n, whose, meet.Round(10*time.Millisecond), st.Rate), "max_fails", p.peer.MaxFails, policy.Bounds{Hi: meet})
	if p.mode == policy.Refused {
		return []Term{count}
	}
	return []Term{wait, count}
}

// nginxAnswers gives the status with which an nginx answers a path itself; 0: it does not, or it is not known.
func nginxAnswers(h *deployment.Host, port int, path string) (status int) {
	if h == nil || h.Nginx == nil {
		return 0
	}
	if socket, ok := h.Listener(netip.Addr{}, port); !ok || socket.Engine != deployment.Nginx {
		return 0
	}
	for _, s := range h.Nginx.Servers {
		if !slices.ContainsFunc(s.Listens, func(l nginx.Listen) bool { return l.Low == port }) {
			continue
		}
		for _, loc := range s.Locations {
			if loc.Path == "= "+path {
				_, _ = fmt.Sscan(loc.Return.Value, &status)
				return status
			}
		}
	}
	return 0
}
