package load

import (
	"slices"
	"sync"
	"time"
)

// maxIdle is the largest number of idle connections that a user keeps, as browsers keep per host.
const maxIdle = 6

// A kept connection to a hop can be reused for requests of the same use. Plain requests to a proxy share one use. Tunnels have
// one use per origin, and so do plain requests without a proxy.
const (
	plainUse  = 0
	tunnelUse = 1  // + the origin's index
	directUse = -1 // - the origin's index
)

// use gives the use of the request on the hop.
func (r request) use(hop Hop) int {
	switch {
	case r.tunnel:
		return tunnelUse + r.origin
	case hop == Direct:
		return directUse - r.origin
	}
	return plainUse
}

// user has the idle connections of one user.
type user struct {
	mu     sync.Mutex
	idle   []*conn // least recently used first
	closed bool    // the load is over; connections are no longer kept
}

// state is the state of a connection. The mutex of its user guards it.
type state uint8

const (
	busy state = iota // serves conn.req
	idle              // in user.idle
	over              // closed, or about to be
)

// take finds an idle connection to the hop that fits the request, and makes it busy with the request. sent is the time of
// sending. nil: there is none.
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

// put makes a connection idle. surplus is a connection that the caller must close, perhaps c itself; nil: none.
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

// woken gives the state of a connection whose read returned with err. It removes an idle connection that ended or got data
// without a request. If only the deadline of the last request passed, it clears the deadline, and the connection stays idle.
func (u *user) woken(c *conn, err error) state {
	u.mu.Lock()
	defer u.mu.Unlock()
	if c.state != idle {
		return c.state
	}
	if isTimeout(err) {
		_ = c.socket.SetDeadline(time.Time{}) // fails only on a closed socket; then the next read fails too
		return idle
	}
	i := slices.Index(u.idle, c)
	u.idle = slices.Delete(u.idle, i, i+1)
	c.state = over
	return over
}

// close closes the idle connections. put refuses all others when their request ends.
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
