package load

import (
	"slices"
	"sync"
	"time"
)

// maxIdle is how many idle connections a user keeps, of all kinds together: what browsers keep per host.
const maxIdle = 6

// Uses tell apart what kept connections to one hop can be used for: plain requests to a proxy share one, tunnels have one
// per origin, and so have plain requests without a proxy.
const (
	plainUse  = 0
	tunnelUse = 1  // + the origin's index
	directUse = -1 // - the origin's index
)

// use says what kind of kept connection to the hop the request can take.
func (r request) use(hop Hop) int {
	switch {
	case r.tunnel:
		return tunnelUse + r.origin
	case hop == Direct:
		return directUse - r.origin
	}
	return plainUse
}

// user keeps idle connections.
type user struct {
	mu     sync.Mutex
	idle   []*conn // the longest unused first
	closed bool    // the load is over: nothing is kept any more
}

// state of a connection. It is guarded by its user's mutex.
type state uint8

const (
	busy state = iota // with conn.req
	idle              // in user.idle
	over              // closed, or about to be
)

// take finds an idle connection to the hop for the request and makes it busy with it, sent at the given time. Nil: there
// is none.
func (u *user) take(req request, hop Hop, sent time.Duration) *conn {
	u.mu.Lock()
	defer u.mu.Unlock()
	use := req.use(hop)
	for i, c := range slices.Backward(u.idle) {
		if c.use == use && c.hop == hop {
			u.idle = slices.Delete(u.idle, i, i+1)
			c.state, c.req, c.sent = busy, req, sent
			return c
		}
	}
	return nil
}

// put makes a connection idle. It gives back the one that the user does not keep any more, which may be c itself.
func (u *user) put(c *conn) (surplus *conn) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.closed {
		c.state = over
		return c
	}
	if len(u.idle) == maxIdle {
		surplus = u.idle[0]
		surplus.state = over
		u.idle = slices.Delete(u.idle, 0, 1)
	}
	c.state = idle
	u.idle = append(u.idle, c)
	return surplus
}

// woken gives the state of a connection whose read returned with err. An idle one that ended, or was spoken to without
// asking, goes out of service; only a deadline left over from its last request is lifted.
func (u *user) woken(c *conn, err error) state {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c.state != idle {
		return c.state
	}
	if isTimeout(err) {
		_ = c.socket.SetDeadline(time.Time{}) // fails on a closed socket only, as the next read will
		return idle
	}
	i := slices.Index(u.idle, c)
	u.idle = slices.Delete(u.idle, i, i+1)
	c.state = over
	return over
}

// close ends the idle connections, and every other one when its request ends.
func (u *user) close() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.closed = true
	for _, c := range u.idle {
		c.state = over
		c.socket.Close()
	}
	u.idle = nil
}
