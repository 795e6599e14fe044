package promise

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// peer is a cache_peer with its state.
type peer struct {
	squid.Peer
	host *deployment.Host
	mode policy.Failure
	down bool
}

// squid gives the outcome for requests through a Squid that is itself well.
func (st *state) squid(h *deployment.Host) outcome {
	a := st.around(h.Squid)
	var parents, siblings []peer // that are hit
	begins := -1
	for _, i := range st.fault.struckOf(a.on) {
		one := h.Squid.Peers[i]
		host, _ := st.Find(one.Host.Value)
		mode, down := st.at(host, one.HTTP)
		p := peer{one, host, mode, down}
		switch {
		case !down:
		case one.Kind == "parent":
			if begins < 0 && a.begins[i] {
				begins = len(parents)
			}
			parents = append(parents, p)
		case one.Kind == "sibling":
			siblings = append(siblings, p)
		}
	}
	return worse([]outcome{st.parents(h.Squid, a, parents, begins), st.siblings(h.Squid, siblings)})
}

// parents is the outcome where parents are hit: the next parent serves once a connect has failed. begins is the first of them that requests
// begin with; -1: none is.
func (st *state) parents(c *squid.Config, a *around, hit []peer, begins int) outcome {
	if begins < 0 {
		return st.behindParents(c, a)
	}
	p, rest := hit[begins], a.parents-len(hit)
	o := outcome{struck: true, users: fmt.Sprintf("1 of %d requests begins with %s", a.begin, p.Name.Value)}
	if a.begin == 1 {
		o.users = "all requests begin with " + p.Name.Value
	}
	direct := !p.Origin.Value && !c.OnlyParents()
	switch {
	case p.mode == policy.Frozen:
		o.detect, o.failover, o.why = never, never, fmt.Sprintf("connecting to a frozen parent succeeds; requests wait for read_timeout %s, and Squid counts only failed connects (%s)", yamlfile.Span(c.Timers.Read.Value), p.Host.At)
		return o
	case rest == 0 && !direct:
		o.failover, o.why = never, fmt.Sprintf("no other parent (%s)", p.Host.At)
	}
	return st.dead(c, o, p, a.begin, direct && rest == 0)
}

// dead adds the time until Squid takes a parent for dead: after connect-fail-limit failed connects in a row, each of which takes
// peer_connect_timeout if the parent is silent (Squid 5.7, neighbors.cc, peerConnectFailed).
func (st *state) dead(c *squid.Config, o outcome, p peer, turns int, direct bool) outcome {
	limit := p.FailLimit.Value
	meet := policy.Encounters(limit*turns, 1, st.Rate)
	count := term(fmt.Sprintf("%d failed connects within %s at %g/s", limit, yamlfile.Span(meet.Round(10*time.Millisecond)), st.Rate), "connect-fail-limit", p.FailLimit, policy.Bounds{Hi: meet})
	next := "the next parent"
	if direct {
		next = "the origin, past the parents"
	}
	if p.mode == policy.Refused {
		o.terms = []Term{count}
		o.detect = within(sum(o.terms))
		if !o.failover.Known {
			o.failover, o.why = prompt, "a refused connection goes on to "+next+" in the same request"
		}
		return o
	}
	t := p.Connect.Value
	text := fmt.Sprintf("connect timeout %s, of which the clock of whole seconds takes up to 1s", yamlfile.Span(t))
	wait := term(text, "connect timeout", p.Connect, c.PeerTimers(&p.Peer).Connecting(p.mode))
	o.terms = []Term{wait, count}
	o.detect = within(sum(o.terms))
	if !o.failover.Known {
		o.failover = o.detect
		o.users += fmt.Sprintf(", waits %s and goes on to %s; requests on kept connections wait for read_timeout", yamlfile.Span(t), next)
	}
	return o
}

// behindParents is the outcome behind parents that are themselves well.
func (st *state) behindParents(c *squid.Config, a *around) outcome {
	var all []outcome
	for _, i := range a.dependencies {
		p := c.Peers[i]
		if host, ok := st.Find(p.Host.Value); ok {
			all = append(all, st.service(host, p.HTTP)...)
		}
	}
	return worse(all)
}

// siblings is the outcome where siblings are hit: nothing is lost; each miss waits for their answers until they are taken for dead, after
// dead_peer_timeout without a reply (Squid 5.7, neighbors.cc).
func (st *state) siblings(c *squid.Config, siblings []peer) outcome {
	i := slices.IndexFunc(siblings, func(p peer) bool { return p.down && !p.NoQuery.Value })
	if i < 0 {
		return outcome{}
	}
	t := c.Timers.DeadPeer.Value
	mute, _ := c.PeerTimers(&siblings[i].Peer).Mute(st.Rate)
	terms := []Term{term(fmt.Sprintf("dead_peer_timeout %s, in whole seconds from the first question on", yamlfile.Span(t)), "dead_peer_timeout", c.Timers.DeadPeer, mute)}
	return outcome{struck: true, detect: within(mute), failover: prompt, terms: terms, why: "a sibling is asked, not needed",
		users: "each miss waits some milliseconds for an answer of " + siblings[i].Name.Value + " that does not come"}
}

// startup is the longest time that Squid needs to begin to serve after its start.
const startup = 3 * time.Second

// restarting is the outcome of a graceful restart of a Squid that users connect to: it waits shutdown_lifetime and one second, busy or not
// (Squid 5.7, main.cc, doShutdown).
func (st *state) restarting(h *deployment.Host) outcome {
	t, stop := h.Squid.Timers.Shutdown, h.Squid.Stop()
	terms := []Term{
		term(fmt.Sprintf("shutdown_lifetime %s and 1s", yamlfile.Span(t.Value)), "shutdown_lifetime", t, policy.Bounds{Lo: stop, Hi: stop}),
		{Text: "start 0-" + yamlfile.Span(startup), Bounds: policy.Bounds{Hi: startup}},
	}
	return outcome{struck: true, detect: never, failover: within(sum(terms)), terms: terms, users: "new connections are refused until it is back", why: "nothing takes over"}
}
