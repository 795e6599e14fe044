package load

import (
	"errors"
	"io"
	"math"
	"sync"
	"time"
)

// lingerTime is the time in which the other side can close a connection first, after the answer to a request with a connection
// of its own.
const lingerTime = 250 * time.Millisecond

// conn is one connection to a hop. Its goroutine reads the answers. While the connection is idle, the goroutine waits in a read
// and so detects that the other side closes. The sender of a request writes it on a kept connection.
type conn struct {
	g           *generator
	user        *user
	hop         Hop
	use         int
	socket      *socket
	cancelClose func() bool // cancels the close at the end of the load
	// sending is locked while a request is written. The answer can arrive, and the next request can be due, before the
	// write returns.
	sending sync.Mutex
	stream  io.Writer // the socket, or the TLS connection inside it
	in      reader
	node    uint8 // a tunnel's forward proxy; 0: unknown
	served  bool

	// The current request. user.mu guards it while the connection is idle. The goroutine owns it while the connection is busy.
	state state
	req   request
	sent  time.Duration

	resent uint32 // segments that TCP sent retried on this connection before the current request
	got    answer
	head   head
	object []byte // scratch space
}

// answer is the answer to the current request, as far as it has arrived.
type answer struct {
	first time.Duration // instant of the first byte; 0: none arrived
	bytes int64
	node  uint8
	flags Flags
}

// send writes a request on a kept connection that user.take gave.
func (c *conn) send(req request, text []byte) {
	c.sending.Lock()
	defer c.sending.Unlock()
	_ = c.socket.SetDeadline(c.g.deadline(req)) // fails only on a closed socket; then the write fails too
	if _, err := c.stream.Write(text); err != nil {
		c.socket.Close() // the goroutine's read fails and ends the request
	}
}

// serve reads answers until the connection ends. The connection starts with a request.
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

// await waits for the first byte of the next answer. It returns busy, or over if the connection ended while it was idle.
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

// maxPage bounds a page of a web server that is no origin, in bytes.
const maxPage = 64 << 20

// readPage reads a page of a web server. Nothing declares what its body should be.
func (c *conn) readPage(h *head) (err error) {
	c.got.bytes, _, err = c.in.readBody(h, maxPage)
	if errors.Is(err, errTooLong) {
		return failure(Malformed)
	}
	return err
}

// readAnswer reads the answer and checks it.
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
	if (c.g.spec.ViaOptional || c.g.spec.Web) && c.hop != Direct {
		c.got.flags &^= Bypassed
	}
	if c.g.spec.Web && h.status < 400 {
		return c.readPage(h)
	}
	if h.status != 200 {
		return statusFailure(h.status)
	}
	c.object = c.g.text.appendObject(c.object[:0], c.req)
	declared := evidence.declared(h, c.object)
	var sum uint32
	var err error
	c.got.bytes, sum, err = c.in.readBody(h, int64(c.g.spec.BodyBytes))
	if errors.Is(err, errTooLong) {
		return failure(Corrupt)
	}
	if err != nil {
		return err
	}
	return evidence.check(declared, c.got.bytes, sum)
}

// mayRetry reports whether err means that the other side had closed a kept connection before it got the request.
func (c *conn) mayRetry(err error) bool {
	return c.g.spec.Retry && c.served && c.got.first == 0 && err != nil && classify(err) == Reset
}

// linger waits after a good answer until the other side closes. Then the closed port stays in TIME_WAIT on that side.
func (c *conn) linger(err error) {
	if err != nil {
		return
	}
	_ = c.socket.SetDeadline(time.Now().Add(lingerTime))
	for c.in.fill() == nil {
		c.in.r, c.in.w = 0, 0
	}
}

// sample gives the sample of the current request, which ends now with err.
func (c *conn) sample(err error) Sample {
	s := c.g.sample(c.req, c.sent, classify(err))
	s.Bytes = saturate(c.got.bytes)
	if s.Node = c.got.node; s.Node == 0 { // an answer through a tunnel does not name the proxy
		s.Node = c.g.exits[c.hop]
	}
	s.Flags |= c.got.flags
	if c.req.retried {
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

// saturate limits n to the range of uint32.
func saturate(n int64) uint32 { return uint32(min(max(n, 0), math.MaxUint32)) }
