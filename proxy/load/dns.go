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

// DNS is users who find their proxy by a name. An answer is kept for its TTL, and asked for again by the first request after
// it; requests wait meanwhile. A kept connection is used only while its address is what the answer says.
type DNS struct {
	Servers  []string      `json:"servers"` // host:port with IP addresses, asked over UDP one after the other
	Host     string        `json:"host"`
	Port     int           `json:"port"` // of the proxies that the name leads to
	Timeout  time.Duration `json:"timeout_ns"`
	Attempts int           `json:"attempts"` // how often all servers are asked
	// Rotate has each question of a resolver begin with the server after the one that its last began with; else all begin with
	// the first.
	Rotate bool `json:"rotate,omitempty"`
	// Next has a request try the next address of the answer when one cannot be connected to; else it tries the first alone.
	Next bool `json:"next,omitempty"`
	// Caches is how many resolvers the users share, by turns; 0: every user has one.
	Caches int `json:"caches,omitempty"`
}

// EventDNSFailed says that a resolver which had an answer has none any more.
const EventDNSFailed = "dns-failed"

// validate reports what keeps the name from being asked for; the servers are checked with all other targets.
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

	mu   sync.Mutex
	told int
}

// nameCache is one resolver's cache of the one name.
type nameCache struct {
	// phase is the share of its TTL that the first answer still has, as if it came out of a cache on the way: so resolvers that
	// begin together do not all ask again at once.
	phase float64

	mu      sync.Mutex
	turn    int // of the server that the next question begins with, where they rotate
	answer  stub.Answer
	until   time.Duration // of the load; the answer holds before
	asked   bool          // there was an answer before
	failing bool
	pending *pendingName // the question under way; nil: none
}

// pendingName is a question that requests wait for.
type pendingName struct {
	done   chan struct{}
	answer stub.Answer // read after done
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
	for i, stratum := range rng.Perm(len(n.caches)) { // evenly spread, however few there are
		n.caches[i].phase = (float64(stratum) + rng.Float64()) / float64(len(n.caches))
		n.caches[i].turn = i
	}
	return n
}

// route gives the addresses of the answer, in its order.
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

// lookup gives the answer that the cache has, or waits for a new one as long as the request has time.
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

// ask asks for the name, however long the requests that wait for it have time.
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

// first is the index of the server that a question begins with.
func (n *names) first(c *nameCache) int {
	if !n.spec.Rotate {
		return 0
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn++
	return c.turn % len(n.spec.Servers)
}

// lost tells that a resolver has no answer any more, unless many have said so.
func (n *names) lost(cache int, err error) {
	n.mu.Lock()
	n.told++
	many := n.told > maxTold
	n.mu.Unlock()
	if !many {
		n.tell(Event{At: Monotonic(), Kind: EventDNSFailed, Text: fmt.Sprintf("resolver %d has no answer any more: %v", cache, err)})
	}
}
