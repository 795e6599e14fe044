package load

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"

	"github.com/gobwas/ws"
)

// Streams are the WebSockets (RFC 6455) of some users, to the origin, over TLS through a tunnel. The user sends a message at an
// interval, and the origin answers each message. A broken stream is opened again at once, as chats and dashboards do.
type Streams struct {
	// Share of the users with a stream each, > 0 to 1. They are the first users.
	Share float64       `json:"share"`
	Every time.Duration `json:"every_ns"` // from one message of the user to the next
	// Silence is the longest time without an answer to a message, and the longest time to open a stream. After it the user
	// gives the stream up.
	Silence time.Duration `json:"silence_ns"`
}

// The events of streams. Subject is the number of the user, from 0.
const (
	EventStreamOpen = "stream-open" // the first answer arrived
	// EventStreamBroken: a stream ended before the load. Event.For is the time since its last answer.
	EventStreamBroken = "stream-broken"
	EventStreamEnd    = "stream-end" // a stream ended with the load. Event.For is the time since its last answer
)

const (
	streamPath    = "/s/stream"            // path of the origin's WebSocket
	streamAgain   = 100 * time.Millisecond // from one attempt to open a stream to the next
	streamMessage = 8                      // bytes: a message is its number
)

// errSilence ends a stream whose messages have had no answer for Streams.Silence.
var errSilence = fmt.Errorf("no answer: %w", context.DeadlineExceeded)

func (s Streams) validate() error {
	if !isShare(s.Share) || s.Share == 0 || s.Every <= 0 || s.Silence <= 0 {
		return fmt.Errorf("load: streams: share %v, a message every %v, silence %v: want a share above 0 and at most 1, and times above 0s", s.Share, s.Every, s.Silence)
	}
	return nil
}

// startStreams opens the streams of all users with one. It spreads them over the first second, or over half of a shorter load.
// end ends them.
func (g *generator) startStreams() (end func()) {
	if g.spec.Streams == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(g.ctx)
	n := max(1, int(g.spec.Streams.Share*float64(g.spec.Users)))
	for user := range n {
		first := min(time.Second, g.spec.Duration/2) * time.Duration(user) / time.Duration(n)
		g.conns.Go(func() { g.keepStream(ctx, user, first) })
	}
	return cancel
}

// keepStream opens a user's stream and opens it again whenever it breaks, until ctx ends.
func (g *generator) keepStream(ctx context.Context, user int, first time.Duration) {
	for at := first; g.pause(ctx, at); at = g.clock.now() + streamAgain {
		s, err := g.openStream(ctx, user)
		if err != nil {
			continue
		}
		err = s.exchange(ctx)
		now := g.clock.now()
		e := Event{At: g.clock.start + int64(now), Kind: EventStreamBroken, Subject: strconv.Itoa(user), Text: classify(err).String(), For: now - s.last}
		if ctx.Err() != nil {
			e.Kind, e.Text = EventStreamEnd, ""
		}
		if s.answered && g.ctx.Err() == nil { // else it never worked, or the run was cancelled
			g.tell(e)
		}
	}
}

// pause waits for an instant of the load. It reports false if ctx ends first.
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
	last     time.Duration // instant of the last answer, at first of the upgrade
}

// openStream opens a stream through the first hop to which it can connect.
func (g *generator) openStream(ctx context.Context, user int) (*stream, error) {
	req := request{user: user, origin: user % len(g.spec.Origins), tunnel: true, fresh: true}
	deadline := g.clock.now() + g.spec.Streams.Silence
	req.due = deadline - g.spec.Timeout // so that the request times out at deadline
	var hops route = &list{g.fixed}
	if g.chooser != nil {
		o := g.text.origins[req.origin]
		var err error
		hops, err = g.chooser.route(ctx, Query{User: user, URL: o.urls[1] + streamPath, Host: o.host, Now: g.clock.now(), Within: g.spec.Streams.Silence})
		if err != nil {
			return nil, err
		}
	}
	var last error = failure(Unreachable)
	for range maxHops {
		hop, ok := hops.next()
		if !ok || ctx.Err() != nil || g.clock.now() >= deadline {
			break
		}
		c, err := g.connectTo(&req, g.clock.now(), hop)
		if err != nil {
			last = err
			hops.failed(classify(err), g.clock.now())
			continue
		}
		hops.worked(g.clock.now())
		return c.upgrade(ctx)
	}
	return nil, last
}

// upgrade makes a stream of an established connection. It closes the connection if it fails.
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
	at, err := url.Parse(c.g.text.origins[c.req.origin].urls[1] + streamPath)
	if err != nil {
		return nil, err
	}
	early, _, err := ws.Dialer{}.Upgrade(s.rw, at)
	if err != nil {
		return nil, err
	}
	if early != nil { // the origin sends nothing before the user
		ws.PutReader(early)
		return nil, failure(Malformed)
	}
	s.last = c.g.clock.now()
	return s, c.socket.SetDeadline(time.Time{})
}

// exchange sends and receives messages until the stream ends. It returns the reason.
func (s *stream) exchange(ctx context.Context) error {
	defer s.close()
	stop := context.AfterFunc(ctx, func() { s.socket.Close() })
	defer stop()
	answers, over := make(chan uint64), make(chan struct{})
	ended := make(chan error, 1)
	defer close(over)
	go func() { ended <- s.receive(answers, over) }()
	tick := time.NewTicker(s.g.spec.Streams.Every)
	defer tick.Stop()
	var sent, got uint64
	since := s.last // the oldest unanswered message was sent at this instant or earlier
	for {
		if now := s.g.clock.now(); got == sent {
			since = now
		} else if now-since >= s.g.spec.Streams.Silence {
			return errSilence
		}
		sent++
		if err := s.sendMessage(sent); err != nil {
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

// first reports a stream that works, once.
func (s *stream) first() {
	if !s.answered {
		s.answered = true
		s.g.tell(Event{At: s.g.clock.start + int64(s.last), Kind: EventStreamOpen, Subject: strconv.Itoa(s.req.user)})
	}
}

// sendMessage sends message number n.
func (s *stream) sendMessage(n uint64) error {
	_ = s.socket.SetWriteDeadline(time.Now().Add(s.g.spec.Streams.Silence)) // fails only on a closed socket; then the write fails too
	message := binary.BigEndian.AppendUint64(nil, n)
	frame, err := ws.CompileFrame(ws.MaskFrameInPlace(ws.NewBinaryFrame(message))) // one write, one TLS record
	if err != nil {
		return err
	}
	_, err = s.rw.Write(frame)
	return err
}

// receive passes on the numbers of the messages that arrive, until the stream ends or over is closed.
func (s *stream) receive(answers chan<- uint64, over <-chan struct{}) error {
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
			return net.ErrClosed
		}
	}
}
