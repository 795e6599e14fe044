package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/stub"
)

// DNS is users who find their proxy by name. A resolver keeps an answer for its TTL. The first request after the TTL starts a
// new lookup, and all requests wait for its result. A user reuses a kept connection only while the answer has its address.
type DNS struct {
	Servers  []string      `json:"servers"` // host:port with IP addresses; asked over UDP, one at a time
	Host     string        `json:"host"`
	Port     int           `json:"port"` // of the proxies
	Timeout  time.Duration `json:"timeout_ns"`
	Attempts int           `json:"attempts"` // rounds over all servers, >= 1
	// Rotate: each lookup of a resolver begins with the server after the one with which its previous lookup began. Without
	// Rotate, every lookup begins with the first server.
	Rotate bool `json:"rotate,omitempty"`
	// Next: if a request cannot connect to an address, it tries the next address of the answer. Without Next, it tries the
	// first only.
	Next bool `json:"next,omitempty"`
	// Caches is the number of resolvers. User i uses resolver i modulo Caches. 0: every user has a resolver.
	Caches int `json:"caches,omitempty"`
}

// EventDNSFailed: a lookup failed, and the previous lookup of the same resolver had an answer.
const EventDNSFailed = "dns-failed"

// validate checks the fields. Spec.checkTargets checks the servers' addresses.
func (d DNS) validate(users int) error {
	if len(d.Servers) == 0 || !isHostName(d.Host) || !isPort(d.Port) || d.Timeout <= 0 || d.Attempts < 1 || d.Caches < 0 || d.Caches > users {
		return fmt.Errorf("load: DNS name %q, port %d, %d servers, timeout %v, %d attempts, %d caches for %d users: want a host name, a port, "+
			"a server, a time, an attempt, and no more caches than users", d.Host, d.Port, len(d.Servers), d.Timeout, d.Attempts, d.Caches, users)
	}
	return nil
}

// names are the resolvers of one run's users.
type names struct {
	spec     *DNS
	resolver stub.Resolver
	allowed  []netip.Prefix
	clock    clock
	tell     func(Event)

	caches []nameCache

	mu       sync.Mutex
	reported int
}

// nameCache is one resolver's cache of the one name.
type nameCache struct {
	// phase is the share of the TTL for which the first answer is kept, in [0, 1), as if the answer came from another cache. It
	// prevents that all resolvers ask again at the same time.
	phase float64

	mu      sync.Mutex
	last    int // with Rotate: number of the server with which the last lookup began
	answer  stub.Answer
	until   time.Duration // the answer is valid before this instant of the load
	asked   bool          // there has been an answer
	failing bool
	pending *pendingName // the current lookup; nil: none
}

// pendingName is a lookup for which requests wait.
type pendingName struct {
	done   chan struct{}
	answer stub.Answer // valid after done is closed
	err    error
}

func newNames(s *Spec, c clock, tell func(Event)) *names {
	n := &names{
		spec: s.DNS, clock: c, tell: tell,
		resolver: stub.Resolver{Servers: s.DNS.Servers, Timeout: s.DNS.Timeout, Attempts: s.DNS.Attempts},
		caches:   make([]nameCache, s.DNS.Caches),
	}
	if s.DNS.Caches == 0 {
		n.caches = make([]nameCache, s.Users)
	}
	for _, prefix := range s.Allowed {
		n.allowed = append(n.allowed, netip.MustParsePrefix(prefix)) // validated
	}
	rng := rand.New(rand.NewPCG(s.Seed, 0))
	for i, stratum := range rng.Perm(len(n.caches)) { // stratified: the phases are spread evenly
		n.caches[i].phase = (float64(stratum) + rng.Float64()) / float64(len(n.caches))
		n.caches[i].last = i
	}
	return n
}

// route gives the addresses of the answer, in the answer's order.
func (n *names) route(ctx context.Context, q Query) (route, error) {
	cache := q.User % len(n.caches)
	answer, err := n.lookup(ctx, cache, q)
	if err != nil {
		return nil, err
	}
	if !n.spec.Next {
		answer.Addrs = answer.Addrs[:1]
	}
	hops := make(list, 0, len(answer.Addrs))
	for _, addr := range answer.Addrs {
		if !within(n.allowed, addr) {
			return nil, failure(NotSent)
		}
		hops = append(hops, Hop{netip.AddrPortFrom(addr, uint16(n.spec.Port))})
	}
	return &hops, nil
}

// lookup gives the cached answer, or starts a lookup and waits for it, at most q.Within.
func (n *names) lookup(ctx context.Context, cache int, q Query) (stub.Answer, error) {
	c := &n.caches[cache]
	c.mu.Lock()
	if q.Now < c.until {
		defer c.mu.Unlock()
		return c.answer, nil
	}
	p := c.pending
	if p == nil {
		p = &pendingName{done: make(chan struct{})}
		c.pending = p
		go n.ask(ctx, cache, p)
	}
	c.mu.Unlock()
	patience := time.NewTimer(q.Within)
	defer patience.Stop()
	select {
	case <-p.done:
		if p.err != nil {
			return stub.Answer{}, errors.Join(failure(NoName), p.err)
		}
		return p.answer, nil
	case <-patience.C:
	case <-ctx.Done():
	}
	return stub.Answer{}, failure(NoName)
}

// ask looks the name up. It continues after the requests that wait for it have timed out.
func (n *names) ask(ctx context.Context, cache int, p *pendingName) {
	c := &n.caches[cache]
	p.answer, p.err = n.resolver.Resolve(ctx, n.spec.Host, n.first(c))
	now := n.clock.now()
	c.mu.Lock()
	c.pending = nil
	lost := p.err != nil && !c.failing && c.asked
	c.failing = p.err != nil
	if p.err == nil {
		ttl := p.answer.TTL
		if !c.asked {
			ttl = time.Duration(c.phase * float64(ttl))
		}
		c.answer, c.until, c.asked = p.answer, now+ttl, true
	}
	c.mu.Unlock()
	close(p.done)
	if lost && ctx.Err() == nil {
		n.lost(cache, p.err)
	}
}

// first gives the index of the server with which a lookup begins.
func (n *names) first(c *nameCache) int {
	if !n.spec.Rotate {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last++
	return c.last % len(n.spec.Servers)
}

// lost reports that a resolver has lost its answer, at most maxEvents times in a run.
func (n *names) lost(cache int, err error) {
	n.mu.Lock()
	n.reported++
	many := n.reported > maxEvents
	n.mu.Unlock()
	if !many {
		n.tell(Event{At: Monotonic(), Kind: EventDNSFailed, Text: fmt.Sprintf("resolver %d has lost its answer: %v", cache, err)})
	}
}
