package agent

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"sync"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
)

// ErrGone says that an agent's control channel has closed. Calls wrap it.
var ErrGone = reason.Errorf("agent-gone", "the agent is gone")

// RefusedError is an agent's error for a request.
type RefusedError struct {
	Node, Op, Reason string
	Code             string // of the agent's error; empty: none
}

func (e *RefusedError) Error() string { return fmt.Sprintf("node %s: %s: %s", e.Node, e.Op, e.Reason) }

// ReasonCode gives the code of the agent's error, or agent-refused.
func (e *RefusedError) ReasonCode() string { return cmp.Or(e.Code, "agent-refused") } // says: node proxy-a: fault: …

// Handler receives an agent's events and samples. It is called from one goroutine per link and must not block for long.
type Handler interface {
	Event(proxy.Event)
	Samples(node string, s []load.Sample)
}

// Link is the controller's end of an agent's control channel. Its methods are safe for concurrent use.
type Link struct {
	node  string
	rw    io.ReadWriteCloser
	out   frameWriter
	hello Hello
	done  chan struct{}

	// mu guards the fields below. It is held for a few instructions: never while a frame is written or a Handler is called.
	mu      sync.Mutex
	next    uint64
	waiting map[uint64]chan Response
	handler Handler
	watcher func(proxy.Reading)
	early   []proxy.Event // before the first Subscribe
	err     error
}

// Dial shakes hands with the agent at the other end of rw. On an error rw is closed.
func Dial(ctx context.Context, node string, rw io.ReadWriteCloser) (*Link, error) {
	l := &Link{node: node, rw: rw, out: frameWriter{w: rw}, done: make(chan struct{}), waiting: map[uint64]chan Response{}}
	r := bufio.NewReaderSize(rw, 64<<10)
	got := make(chan error, 1)
	go func() { got <- l.readHello(r) }()
	select {
	case err := <-got:
		if err != nil {
			_ = rw.Close()
			return nil, reason.Errorf("node-not-started", "node %s: no hello from its agent: %w; the program for the nodes must be spof", node, err)
		}
	case <-ctx.Done():
		_ = rw.Close()
		return nil, reason.Errorf("node-not-started", "node %s: no hello from its agent: %w", node, context.Cause(ctx))
	}
	go l.read(r)
	return l, nil
}

func (l *Link) readHello(r *bufio.Reader) error {
	kind, payload, _, err := readFrame(r, nil)
	if err != nil {
		return err
	}
	if kind != frameHello {
		return fmt.Errorf("its first frame is %q", kind)
	}
	return json.Unmarshal(payload, &l.hello)
}

// Hello gives the agent's description of itself.
func (l *Link) Hello() Hello { return l.hello }

// Done is closed when the control channel has closed. Then Err says why.
func (l *Link) Done() <-chan struct{} { return l.done }

// Err says why the control channel closed; nil while it is open.
func (l *Link) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Subscribe makes h the receiver of events and samples. The caller's goroutine first passes earlier events to h.
func (l *Link) Subscribe(h Handler) {
	for early := l.subscribe(h); len(early) > 0; early = l.subscribe(h) {
		for _, e := range early {
			h.Event(e)
		}
	}
}

// subscribe gives the events that came without a handler. If there are none, h becomes the handler.
func (l *Link) subscribe(h Handler) (early []proxy.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	early, l.early = l.early, nil
	if len(early) == 0 {
		l.handler = h
	}
	return early
}

// keep gives the handler. Without a handler it stores the event.
func (l *Link) keep(e proxy.Event) Handler {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.handler == nil {
		l.early = append(l.early, e)
	}
	return l.handler
}

// Close closes the control channel. The agent then stops everything that it started, and ends.
func (l *Link) Close() error { return l.rw.Close() }

// Now reads the agent's clock. before and after are the controller's clock just before and after the reading.
func (l *Link) Now(ctx context.Context) (before, agent, after int64, err error) {
	before = proxy.Monotonic()
	resp, err := l.call(ctx, Request{Op: opPing})
	return before, resp.Now, proxy.Monotonic(), err
}

// Start starts the node's services. It returns when all are ready.
func (l *Link) Start(ctx context.Context, spec proxy.NodeSpec) error {
	_, err := l.call(ctx, Request{Op: opStart, Start: &spec})
	return err
}

// Forget ends every TCP connection of the node: idle ones, and those of an earlier trial whose peer has gone. Listening sockets stay. It
// does nothing if nodes share one network stack. On the node of a WAN link it instead renews the link if an earlier trial changed it.
func (l *Link) Forget(ctx context.Context) error {
	_, err := l.call(ctx, Request{Op: opForget})
	return err
}

// Calibrate measures the time that the node's WAN link adds to a round trip by relaying.
func (l *Link) Calibrate(ctx context.Context) (proxy.RelayCost, error) {
	resp, err := l.call(ctx, Request{Op: opGauge})
	if err != nil || resp.Relay == nil {
		return proxy.RelayCost{}, err
	}
	return *resp.Relay, nil
}

// Meter makes the node of a WAN link send a wan-bytes event, and any other node a service-cpu event for each of its services.
func (l *Link) Meter(ctx context.Context) error {
	_, err := l.call(ctx, Request{Op: opMeter})
	return err
}

// WatchMachine makes the node read its machine every 100 ms. It returns after the first reading began. take gets each reading; it is
// called from one goroutine and must not block for long.
func (l *Link) WatchMachine(ctx context.Context, take func(proxy.Reading)) error {
	l.mu.Lock()
	l.watcher = take
	l.mu.Unlock()
	_, err := l.call(ctx, Request{Op: opWatch})
	return err
}

// LeaveMachine ends WatchMachine. It returns after take got the last reading, which ends after the start of this call.
func (l *Link) LeaveMachine(ctx context.Context) error {
	_, err := l.call(ctx, Request{Op: opLeave})
	return err
}

// Load runs a load. It returns when the last request has ended and the Handler has all samples.
func (l *Link) Load(ctx context.Context, spec load.Spec) error {
	_, err := l.call(ctx, Request{Op: opLoad, Load: &spec})
	return err
}

// Inject executes a fault at its instant. It returns when the effect is proven.
func (l *Link) Inject(ctx context.Context, f Fault) (Effect, error) {
	return l.effect(ctx, Request{Op: opInject, Fault: &f})
}

// Recover undoes a fault at its instant. It returns when the recovery is proven.
func (l *Link) Recover(ctx context.Context, f Fault) (Effect, error) {
	return l.effect(ctx, Request{Op: opRecover, Fault: &f})
}

func (l *Link) effect(ctx context.Context, req Request) (Effect, error) {
	resp, err := l.call(ctx, req)
	if err != nil {
		return Effect{}, err
	}
	if resp.Effect == nil {
		return Effect{}, &RefusedError{Node: l.node, Op: req.Op, Reason: "no proof of effect"}
	}
	return *resp.Effect, nil
}

func (l *Link) call(ctx context.Context, req Request) (Response, error) {
	ch, err := l.expect(&req)
	if err != nil {
		return Response{}, err
	}
	defer l.answered(req.ID)
	if err := l.out.writeJSON(frameRequest, req); err != nil {
		return Response{}, fmt.Errorf("node %s: %s: %w", l.node, req.Op, err)
	}
	select {
	case resp := <-ch:
		if resp.Error != "" {
			return resp, &RefusedError{l.node, req.Op, resp.Error, resp.Code}
		}
		return resp, nil
	case <-l.done:
		return Response{}, l.Err()
	case <-ctx.Done():
		return Response{}, fmt.Errorf("node %s: %s: %w", l.node, req.Op, context.Cause(ctx))
	}
}

// expect numbers a request and gives the channel of its response.
func (l *Link) expect(req *Request) (chan Response, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return nil, l.err
	}
	l.next++
	req.ID = l.next
	ch := make(chan Response, 1)
	l.waiting[req.ID] = ch
	return ch, nil
}

// answered removes a waiting request and gives its channel; nil: no such request waits.
func (l *Link) answered(id uint64) chan Response {
	l.mu.Lock()
	defer l.mu.Unlock()
	ch := l.waiting[id]
	delete(l.waiting, id)
	return ch
}

// read delivers frames until the channel closes.
func (l *Link) read(r *bufio.Reader) {
	var buf []byte
	for {
		kind, payload, grown, err := readFrame(r, buf)
		buf = grown
		if err == nil {
			err = l.deliver(kind, payload)
		}
		if err != nil {
			l.mu.Lock()
			l.err = fmt.Errorf("node %s: %w (%w)", l.node, ErrGone, err)
			l.mu.Unlock()
			close(l.done)
			return
		}
	}
}

func (l *Link) deliver(kind byte, payload []byte) error {
	switch kind {
	case frameResponse:
		var resp Response
		if err := json.Unmarshal(payload, &resp); err != nil {
			return err
		}
		if ch := l.answered(resp.ID); ch != nil {
			ch <- resp // buffered: one response for each request
		}
	case frameEvent:
		var e proxy.Event
		if err := json.Unmarshal(payload, &e); err != nil {
			return err
		}
		if h := l.keep(e); h != nil {
			h.Event(e)
		}
	case frameSamples:
		s, err := load.DecodeSamples(payload)
		if err != nil {
			return err
		}
		l.mu.Lock()
		h := l.handler
		l.mu.Unlock()
		if h != nil {
			h.Samples(l.node, s)
		}
	case frameReading:
		var r proxy.Reading
		if err := json.Unmarshal(payload, &r); err != nil {
			return err
		}
		l.mu.Lock()
		take := l.watcher
		l.mu.Unlock()
		if take != nil {
			take(r)
		}
	default:
		return fmt.Errorf("a frame of unknown kind %q", kind)
	}
	return nil
}
