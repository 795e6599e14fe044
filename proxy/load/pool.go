package load

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// Pool is a pool of exits. Each user rotates through them.
type Pool struct {
	Exits []string `json:"exits"` // forward proxies, host:port with IP addresses
	Names []string `json:"names"` // of the exits' nodes, as in Spec.Nodes, in the order of Exits
	// Session is the time for which a user keeps an exit, >= 0. 0: a user takes the next exit for every request.
	Session time.Duration `json:"session_ns,omitempty"`
}

// EventSessionBroken: a user could not connect to the exit of the current session.
const EventSessionBroken = "session-broken"

// validate checks the fields. Spec.checkTargets checks the exits' addresses.
func (p Pool) validate() error {
	if len(p.Exits) == 0 || len(p.Exits) > maxHops || len(p.Names) != len(p.Exits) || p.Session < 0 {
		return fmt.Errorf("load: pool: %d exits, %d names, session %v: want 1 to %d exits, as many names, and a session of at least 0s", len(p.Exits), len(p.Names), p.Session, maxHops)
	}
	return nil
}

// pool rotates the exits of each user. User i begins with exit i modulo their number, so that all exits are used evenly.
type pool struct {
	exits   []Hop
	names   []string
	session time.Duration
	tell    func(Event)
	clock   clock

	mu    sync.Mutex
	users map[int]*poolUser
}

// poolUser is the state of one user.
type poolUser struct {
	exit    int   // number of the current exit, modulo the number of exits
	session int64 // number of the session; the sessions of different users begin at different times
}

func newPool(s *Spec, c clock, tell func(Event)) *pool {
	p := &pool{names: s.Pool.Names, session: s.Pool.Session, tell: tell, clock: c, users: map[int]*poolUser{}}
	for _, address := range s.Pool.Exits {
		p.exits = append(p.exits, Hop{netip.MustParseAddrPort(address)}) // validated
	}
	return p
}

// route gives all exits, beginning with the user's current one. A user who cannot connect to an exit takes the next one.
func (p *pool) route(_ context.Context, q Query) (route, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u := p.users[q.User]
	if u == nil {
		u = &poolUser{exit: q.User, session: p.number(q)}
		p.users[q.User] = u
	} else if number := p.number(q); p.session == 0 || number != u.session {
		u.exit++
		u.session = number
	}
	return &poolRoute{p: p, user: q.User, exit: u.exit, session: u.session}, nil
}

// number gives the number of a user's session at q.Now.
func (p *pool) number(q Query) int64 {
	if p.session == 0 {
		return 0
	}
	shift := p.session * time.Duration(q.User%len(p.exits)) / time.Duration(len(p.exits))
	return int64((q.Now + shift) / p.session)
}

// poolRoute is the exits of one request.
type poolRoute struct {
	p       *pool
	user    int
	exit    int
	session int64
	tried   int
}

func (r *poolRoute) next() (Hop, bool) {
	if r.tried == len(r.p.exits) {
		return Hop{}, false
	}
	r.tried++
	return r.p.exits[(r.exit+r.tried-1)%len(r.p.exits)], true
}

// failed ends the session with an exit to which a request could not connect. The session continues with the next exit. It does
// nothing if another request has done this already.
func (r *poolRoute) failed(_ Outcome, _ time.Duration) {
	r.p.mu.Lock()
	u := r.p.users[r.user]
	failed := r.exit + r.tried - 1
	broken := r.p.session > 0 && u.session == r.session && u.exit == failed
	if broken {
		u.exit++
	}
	r.p.mu.Unlock()
	if broken {
		r.p.tell(Event{At: r.p.clock.start + int64(r.p.clock.now()), Kind: EventSessionBroken, Subject: r.p.names[failed%len(r.p.names)]})
	}
}

func (r *poolRoute) worked(time.Duration) {}

// nodesOf gives the number of each exit's node, as in Sample.Node. It is nil without a pool.
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
