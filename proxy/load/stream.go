package load

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"github.com/gobwas/ws"
)

// Streams are what some users hold open beside their requests: a WebSocket (RFC 6455) to the origin, through a tunnel and
// over TLS, on which the user speaks at an interval and the origin answers each message. A stream that breaks is opened
// again at once, as chats and dashboards do.
type Streams struct {
	// Share of the users that hold a stream each: the first ones.
	Share float64       `json:"share"`
	Every time.Duration `json:"every_ns"` // from one message of the user to the next
	// Silence is how long a message may go unanswered until the user gives the stream up, and how long it may take to open
	// one.
	Silence time.Duration `json:"silence_ns"`
}

// The events of streams. Subject is the number of the user, from 0.
const (
	EventStreamOpen = "stream-open" // the first answer came
	// EventStreamBroken says that a stream has ended before its time; Event.For is how long ago its last answer was.
	EventStreamBroken = "stream-broken"
	EventStreamEnd    = "stream-end" // a stream has ended with the load; Event.For as above: it may have been silent for a while
)

const (
	streamPath    = "/s/stream"            // of the origin's WebSocket
	streamAgain   = 100 * time.Millisecond // from one attempt to open a stream to the next
	streamMessage = 8                      // bytes: its number
)

// errSilence ends a stream whose messages nobody answers any more.
var errSilence = fmt.Errorf("no answer: %w", context.DeadlineExceeded)

func (s Streams) validate() error {
	if !isShare(s.Share) || s.Share == 0 || s.Every <= 0 || s.Silence <= 0 {
		return fmt.Errorf("load: streams of a share of %v, a message every %v, given up after %v: want a share above 0 and times", s.Share, s.Every, s.Silence)
	}
	return nil
}

// streaming opens the streams of all users that hold one, spread over the first second or half of a shorter load, and
// returns what ends them.
func (g *generator) streaming() (end func()) {
	if g.spec.Streams == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(g.ctx)
	n := max(1, int(g.spec.Streams.Share*float64(g.spec.Users)))
	for user := range n {
		first := min(time.Second, g.spec.Duration/2) * time.Duration(user) / time.Duration(n)
		g.conns.Go(func() { g.hold(ctx, user, first) })
	}
	return cancel
}

// hold keeps a user's stream until ctx ends, opening it anew whenever it breaks.
func (g *generator) hold(ctx context.Context, user int, first time.Duration) {
	for at := first; g.pause(ctx, at); at = g.clock.now() + streamAgain {
		s, err := g.openStream(ctx, user)
		if err != nil {
			continue
		}
		err = s.live(ctx)
		now := g.clock.now()
		e := Event{At: g.clock.start + int64(now), Kind: EventStreamBroken, Subject: strconv.Itoa(user), Text: classify(err).String(), For: now - s.last}
		if ctx.Err() != nil {
			e.Kind, e.Text = EventStreamEnd, ""
		}
		if s.answered && g.ctx.Err() == nil { // else it never was one, or the run is broken off
			g.tell(e)
		}
	}
}

// pause waits for an instant of the load; false: ctx ended.
func (g *generator) pause(ctx context.Context, at time.Duration) bool {
	timer := time.NewTimer(at - g.clock.now())
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// stream is one WebSocket.
type stream struct {
	*conn
	rw       io.ReadWriter
	answered bool
	last     time.Duration // when the last answer came, or the stream stood
}

// openStream opens a stream by the first hop that can be connected to.
func (g *generator) openStream(ctx context.Context, user int) (*stream, error) {
	req := request{user: user, origin: user % len(g.spec.Origins), tunnel: true, fresh: true}
	deadline := g.clock.now() + g.spec.Streams.Silence
	req.due = deadline - g.spec.Timeout // so that the deadline is that of the request
	var ways route = &list{g.fixed}
	if g.chooser != nil {
		o := g.wording.origins[req.origin]
		var err error
		ways, err = g.chooser.route(ctx, Query{User: user, URL: o.urls[1] + streamPath, Host: o.host, Now: g.clock.now(), Within: g.spec.Streams.Silence})
		if err != nil {
			return nil, err
		}
	}
	var last error = failure(Unreachable)
	for range maxHops {
		hop, ok := ways.next()
		if !ok || ctx.Err() != nil || g.clock.now() >= deadline {
			break
		}
		c, err := g.connectTo(&req, g.clock.now(), hop)
		if err != nil {
			last = err
			ways.failed(classify(err), g.clock.now())
			continue
		}
		ways.worked(g.clock.now())
		return c.upgrade(ctx)
	}
	return nil, last
}

// upgrade makes a stream of a connection that stands; the connection is closed if it cannot.
func (c *conn) upgrade(ctx context.Context) (s *stream, err error) {
	stop := context.AfterFunc(ctx, func() { c.socket.Close() })
	defer func() {
		stop()
		if err != nil {
			c.close()
		}
	}()
	if err := c.socket.SetDeadline(c.g.deadline(c.req)); err != nil {
		return nil, err
	}
	c.stream, c.in.src = c.socket, c.socket
	if err := c.tunnel(); err != nil {
		return nil, err
	}
	s = &stream{conn: c, rw: struct {
		io.Reader
		io.Writer
	}{c.in.src, c.stream}}
	at, err := url.Parse(c.g.wording.origins[c.req.origin].urls[1] + streamPath)
	if err != nil {
		return nil, err
	}
	early, _, err := ws.Dialer{}.Upgrade(s.rw, at)
	if err != nil {
		return nil, err
	}
	if early != nil { // the origin does not speak first
		ws.PutReader(early)
		return nil, failure(Malformed)
	}
	s.last = c.g.clock.now()
	return s, c.socket.SetDeadline(time.Time{})
}

// live speaks and listens until the stream ends, and says why it did.
func (s *stream) live(ctx context.Context) error {
	defer s.close()
	stop := context.AfterFunc(ctx, func() { s.socket.Close() })
	defer stop()
	answers, over := make(chan uint64), make(chan struct{})
	ended := make(chan error, 1)
	defer close(over)
	go func() { ended <- s.listen(answers, over) }()
	tick := time.NewTicker(s.g.spec.Streams.Every)
	defer tick.Stop()
	var sent, got uint64
	since := s.last // when the oldest message without an answer was sent, or later
	for {
		if now := s.g.clock.now(); got == sent {
			since = now
		} else if now-since >= s.g.spec.Streams.Silence {
			return errSilence
		}
		sent++
		if err := s.say(sent); err != nil {
			return err
		}
		for waiting := true; waiting; {
			select {
			case n := <-answers:
				if n != got+1 {
					return failure(Corrupt)
				}
				got, s.last = n, s.g.clock.now()
				since = s.last
				s.first()
			case err := <-ended:
				return err
			case <-tick.C:
				waiting = false
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
}

// first tells of a stream that works.
func (s *stream) first() {
	if !s.answered {
		s.answered = true
		s.g.tell(Event{At: s.g.clock.start + int64(s.last), Kind: EventStreamOpen, Subject: strconv.Itoa(s.req.user)})
	}
}

// say sends one message.
func (s *stream) say(n uint64) error {
	_ = s.socket.SetWriteDeadline(time.Now().Add(s.g.spec.Streams.Silence)) // fails on a closed socket only, as the write will
	message := binary.BigEndian.AppendUint64(nil, n)
	frame, err := ws.CompileFrame(ws.MaskFrameInPlace(ws.NewBinaryFrame(message))) // one write, one TLS record
	if err != nil {
		return err
	}
	_, err = s.rw.Write(frame)
	return err
}

// listen passes the numbers of the messages on that come, until the stream ends or nobody listens any more.
func (s *stream) listen(answers chan<- uint64, over <-chan struct{}) error {
	for {
		h, err := ws.ReadHeader(s.rw)
		switch {
		case err != nil:
			return err
		case h.OpCode == ws.OpClose:
			return io.EOF
		case h.OpCode != ws.OpBinary || !h.Fin || h.Masked || h.Length != streamMessage:
			return failure(Malformed)
		}
		var message [streamMessage]byte
		if _, err := io.ReadFull(s.rw, message[:]); err != nil {
			return err
		}
		select {
		case answers <- binary.BigEndian.Uint64(message[:]):
		case <-over:
			return errors.New("nobody listens")
		}
	}
}
