package load

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// Pool is a choice of exits that users take turns with.
type Pool struct {
	Exits []string `json:"exits"` // forward proxies, host:port with IP addresses
	Names []string `json:"names"` // of the exits' nodes, as in Spec.Nodes
	// Session is how long a user stays with an exit; 0: another one with every request.
	Session time.Duration `json:"session_ns,omitempty"`
}

// EventSessionBroken says that a user's exit could not be reached before the session was over.
const EventSessionBroken = "session-broken"

// validate reports what keeps a pool from being used; the targets are checked with all others.
func (p Pool) validate() error {
	if len(p.Exits) == 0 || len(p.Exits) > maxHops || len(p.Names) != len(p.Exits) || p.Session < 0 {
		return fmt.Errorf("load: a pool of %d exits with %d names, session %v: want 1-%d exits, a name for each, and a time", len(p.Exits), len(p.Names), p.Session, maxHops)
	}
	return nil
}

// pool has users go out by the exits in turn. Users begin at different ones, so that all exits are used evenly.
type pool struct {
	exits   []Hop
	names   []string
	session time.Duration
	tell    func(Event)
	clock   clock

	mu    sync.Mutex
	users map[int]*pooled
}

// pooled is what the software of one user remembers.
type pooled struct {
	turn    int   // of the exit that is next, or that the session is with
	session int64 // the number of the session; sessions of different users begin at different times
}

func newPool(s *Spec, c clock, tell func(Event)) *pool {
	p := &pool{names: s.Pool.Names, session: s.Pool.Session, tell: tell, clock: c, users: map[int]*pooled{}}
	for _, exit := range s.Pool.Exits {
		p.exits = append(p.exits, Hop{netip.MustParseAddrPort(exit)}) // validated
	}
	return p
}

// route gives all exits, the one whose turn it is first: a user who cannot reach one takes the next.
func (p *pool) route(_ context.Context, q Query) (route, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[q.User]
	if u == nil {
		u = &pooled{turn: q.User, session: p.number(q)}
		p.users[q.User] = u
	} else if number := p.number(q); p.session == 0 || number != u.session {
		u.turn++
		u.session = number
	}
	return &poolRoute{p: p, user: q.User, turn: u.turn, session: u.session}, nil
}

// number counts a user's sessions.
func (p *pool) number(q Query) int64 {
	if p.session == 0 {
		return 0
	}
	shift := p.session * time.Duration(q.User%len(p.exits)) / time.Duration(len(p.exits))
	return int64((q.Now + shift) / p.session)
}

// poolRoute is the ways of one request.
type poolRoute struct {
	p       *pool
	user    int
	turn    int
	session int64
	tried   int
}

func (r *poolRoute) next() (Hop, bool) {
	if r.tried == len(r.p.exits) {
		return Hop{}, false
	}
	r.tried++
	return r.p.exits[(r.turn+r.tried-1)%len(r.p.exits)], true
}

// failed breaks the session that is with the exit that could not be reached, unless another request has broken it already:
// it goes on with the next exit.
func (r *poolRoute) failed(_ Outcome, _ time.Duration) {
	r.p.mu.Lock()
	u := r.p.users[r.user]
	failed := r.turn + r.tried - 1
	broken := r.p.session > 0 && u.session == r.session && u.turn == failed
	if broken {
		u.turn++
	}
	r.p.mu.Unlock()
	if broken {
		r.p.tell(Event{At: r.p.clock.start + int64(r.p.clock.now()), Kind: EventSessionBroken, Subject: r.p.names[failed%len(r.p.names)]})
	}
}

func (r *poolRoute) worked(time.Duration) {}

// nodesOf gives the exits of a pool by the number of their node, as Sample.Node counts; none without a pool.
func (p *Pool) nodesOf(nodes map[string]uint8) map[Hop]uint8 {
	if p == nil {
		return nil
	}
	exits := make(map[Hop]uint8, len(p.Exits))
	for i, exit := range p.Exits {
		exits[Hop{netip.MustParseAddrPort(exit)}] = nodes[p.Names[i]] // validated
	}
	return exits
}
