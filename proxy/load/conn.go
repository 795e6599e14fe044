package load

import (
	"errors"
	"io"
	"math"
	"sync"
	"time"
)

// lingerTime is how long a fresh connection that has served waits for the other side to close first.
const lingerTime = 250 * time.Millisecond

// conn is one connection to a hop. Its goroutine reads the answers, and waits in a read while the connection is
// idle, so that it sees the other side close. Requests on a kept connection are written by who sends them.
type conn struct {
	g      *generator
	user   *user
	hop    Hop
	use    int
	socket *socket
	forget func() bool // stops waiting for the end of the load
	// sending is held while a request is written: its answer can come, and the next request be due, before its writer has
	// returned.
	sending sync.Mutex
	stream  io.Writer // the socket, or the TLS within
	in      reader
	node    uint8 // a tunnel's forward proxy, where it is known
	served  bool

	// The request under way. Guarded by user.mu while idle; the goroutine's own while busy.
	state state
	req   request
	sent  time.Duration

	resent uint32 // what TCP has sent again on this connection before the request under way
	got    answer
	head   head
	object []byte // scratch space
}

// answer is what is known of the answer to the request under way.
type answer struct {
	first time.Duration // of the first byte; 0: none came
	bytes int64
	node  uint8
	flags Flags
}

// send writes a request on a kept connection that was taken for it.
func (c *conn) send(req request, text []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	_ = c.socket.SetDeadline(c.g.deadline(req)) // fails on a closed socket only, as the write will
	if _, err := c.stream.Write(text); err != nil {
		c.socket.Close() // the goroutine, which waits in a read, ends the request
	}
}

// serve reads answers until the connection ends. At first a request is under way.
func (c *conn) serve() {
	for {
		state, err := c.await()
		if state == over {
			return
		}
		if err == nil {
			err = c.readAnswer()
		}
		if c.mayRetry(err) {
			c.countResent()
			c.g.retry(c)
			return
		}
		c.g.report(c, err)
		if err != nil || c.head.closing || c.req.fresh || c.in.buffered() > 0 {
			c.linger(err)
			return
		}
		c.served = true
		if surplus := c.user.put(c); surplus != nil {
			surplus.socket.Close()
		}
	}
}

// await waits for the first byte of the next answer. The state is busy, or over where the connection ended while idle.
func (c *conn) await() (state, error) {
	for {
		err := c.in.fill()
		state := c.user.woken(c, err)
		if state == idle {
			continue
		}
		now := c.g.clock.now()
		if state == busy && isTimeout(err) && now < c.req.due+c.g.spec.Timeout {
			continue // the deadline of an earlier request
		}
		c.got = answer{node: c.node}
		if err == nil {
			c.got.first = now
		}
		return state, err
	}
}

// readAnswer reads the answer and judges it.
func (c *conn) readAnswer() error {
	h := &c.head
	if err := c.in.readHead(h); err != nil {
		return err
	}
	evidence := &c.g.evidence
	if node := evidence.node(h.via); node != 0 {
		c.got.node = node
	}
	c.got.flags = evidence.flags(h, c.req.tunnel && c.hop != Direct)
	if h.status != 200 {
		return statusFailure(h.status)
	}
	c.object = c.g.wording.appendObject(c.object[:0], c.req)
	promise := evidence.promise(h, c.object)
	var sum uint32
	var err error
	c.got.bytes, sum, err = c.in.readBody(h, int64(c.g.spec.BodyBytes))
	if errors.Is(err, errTooLong) {
		return failure(Corrupt)
	}
	if err != nil {
		return err
	}
	return evidence.check(promise, c.got.bytes, sum)
}

// mayRetry reports whether a request ended as one does on a kept connection that the other side has given up.
func (c *conn) mayRetry(err error) bool {
	return c.g.spec.Retry && c.served && c.got.first == 0 && err != nil && classify(err) == Reset
}

// linger lets the other side close first after a good answer: the ports of closed connections then wait there.
func (c *conn) linger(err error) {
	if err != nil {
		return
	}
	_ = c.socket.SetDeadline(time.Now().Add(lingerTime))
	for c.in.fill() == nil {
		c.in.r, c.in.w = 0, 0
	}
}

// sample is the record of the request under way, which ends now with err.
func (c *conn) sample(err error) Sample {
	s := c.g.sample(c.req, c.sent, classify(err))
	s.Bytes = saturate(c.got.bytes)
	if s.Node = c.got.node; s.Node == 0 { // what comes out of a tunnel names nobody
		s.Node = c.g.exits[c.hop]
	}
	s.Flags |= c.got.flags
	if c.req.again {
		s.Flags |= Retried
	}
	if c.served {
		s.Flags |= Reused
	}
	if c.got.first > 0 {
		s.FirstByte = max(1, micros(c.got.first-c.req.due))
	}
	c.countResent()
	s.SYNs, s.Resent = c.req.tcp.syns, c.req.tcp.data
	return s
}

func micros(d time.Duration) uint32 { return saturate(d.Microseconds()) }

// saturate fits n into a sample's field.
func saturate(n int64) uint32 { return uint32(min(max(n, 0), math.MaxUint32)) }
