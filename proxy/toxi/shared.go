package toxi

import (
	"sync"
	"time"

	"github.com/Shopify/toxiproxy/v2/stream"
	"github.com/Shopify/toxiproxy/v2/toxics"
)

// sharedBandwidth is the name of the toxic that puts a connection on its line.
const sharedBandwidth = "shared_bandwidth"

var once sync.Once

// register adds the toxic to Toxiproxy's registry, which the whole process shares.
func register() { once.Do(func() { toxics.Register(sharedBandwidth, new(SharedBandwidth)) }) }

// SharedBandwidth is a toxic that shapes the connections of a link together, as one wire does. Toxiproxy's own bandwidth toxic gives
// each connection a rate of its own. SharedBandwidth also counts the bytes that pass, and applies the line's other conditions. It
// has no attributes: the line has them. An interruption at any time loses no data.
type SharedBandwidth struct {
	line      *line
	direction stream.Direction
}

// passage is one connection's state in one direction.
type passage struct {
	queue   []chunk   // on its way
	bytes   int       // in queue
	damaged bool      // data was swallowed: the connection must be closed
	asked   time.Time // when the latest turn was taken
	sent    time.Time // when that turn was over
	due     time.Time // when the line had carried it
	timer   *time.Timer
}

// chunk is data and the instant at which its latency is over.
type chunk struct {
	*stream.StreamChunk
	due time.Time
}

// inFlight bounds the bytes of a connection that wait for the line's latency, as a TCP window would.
const inFlight = 1 << 20

// atOnce is the longest time from a turn to the next data of a connection that continues to send.
const atOnce = time.Millisecond

// NewState implements toxics.StatefulToxic.
func (*SharedBandwidth) NewState() any {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &passage{timer: t}
}

// GetBufferSize implements toxics.BufferedToxic. With two chunks in the buffer and one at the toxic before, a turn may have three.
func (*SharedBandwidth) GetBufferSize() int { return 2 }

// Pipe implements toxics.Toxic.
func (t *SharedBandwidth) Pipe(stub *toxics.ToxicStub) {
	p := stub.State.(*passage)
	for {
		now := t.line.now.Load()
		switch {
		case p.damaged && !now.Silent:
			end(stub)
			return
		case len(p.queue) > 0:
			if !t.carry(stub, p, now) {
				return
			}
			continue
		}
		select {
		case <-stub.Interrupt:
			return
		case <-now.changed:
		case c := <-stub.Input:
			if c != nil {
				t.enter(p, c, now)
			} else if !p.finish(stub, now) {
				return
			}
		}
	}
}

// enter queues a chunk. It delays answers alone, so that a round trip is delayed once.
func (t *SharedBandwidth) enter(p *passage, c *stream.StreamChunk, now *state) {
	due := c.Timestamp
	if t.direction == stream.Downstream {
		due = due.Add(now.delay())
	}
	p.queue, p.bytes = append(p.queue, chunk{c, due}), p.bytes+len(c.Data)
}

// carry sends a turn of the queue to the other side, or swallows the whole queue. It reports false when interrupted.
func (t *SharedBandwidth) carry(stub *toxics.ToxicStub, p *passage, now *state) bool {
	if now.Silent {
		p.queue, p.bytes, p.damaged = nil, 0, true
		return true
	}
	head, instant := p.queue[0], time.Now()
	if late := head.due.Sub(instant); late > 0 {
		return t.delay(stub, p, now, late)
	}
	bucket := &t.line.buckets[t.direction]
	ready, continues := head.due, head.due.Sub(p.sent) < atOnce
	if continues {
		ready = p.due // the last turn ended late and kept the sender waiting
	}
	n := t.gather(stub.Input, p, now, bucket.quantum(continues, instant.Sub(p.asked)), instant)
	p.asked = instant
	wait, passed := bucket.take(n, continues, ready, instant)
	if wait > 0 {
		over, again := p.wait(stub, now, wait)
		bucket.leave()
		if !over {
			return again
		}
	}
	for more := true; more; {
		sent, ok := p.send(stub, n)
		if !ok {
			return false
		}
		t.line.bytes[t.direction].Add(int64(sent))
		n -= sent
		more = n > 0 && t.line.now.Load() == now // a line that became silent swallows the rest
	}
	p.sent, p.due = time.Now(), passed
	return true
}

// gather queues the chunks that wait behind the first one, and returns the bytes of a turn of about q.
func (t *SharedBandwidth) gather(input <-chan *stream.StreamChunk, p *passage, now *state, q int, instant time.Time) (n int) {
	for i := 0; n < q; i++ {
		if i == len(p.queue) {
			select {
			case c := <-input:
				if c == nil { // the end; the closed channel gives it again after the data
					return n
				}
				t.enter(p, c, now)
			default:
				return n
			}
		}
		if p.queue[i].due.After(instant) {
			return n
		}
		n += len(p.queue[i].Data)
	}
	if n < q+q/2 { // a small rest is sent in the same turn
		return n
	}
	return q
}

// send passes on at most n bytes of the first chunk. It reports not ok when interrupted.
func (p *passage) send(stub *toxics.ToxicStub, n int) (sent int, ok bool) {
	var rest *stream.StreamChunk
	out := p.queue[0].StreamChunk
	sent = min(n, len(out.Data))
	if n < len(out.Data) {
		rest = &stream.StreamChunk{Data: out.Data[n:], Timestamp: out.Timestamp}
		out = &stream.StreamChunk{Data: out.Data[:n:n], Timestamp: out.Timestamp}
	}
	select {
	case stub.Output <- out:
	case <-stub.Interrupt:
		return 0, false
	}
	p.bytes -= sent
	switch {
	case rest != nil:
		p.queue[0].StreamChunk = rest
	case len(p.queue) == 1:
		p.queue = p.queue[:0]
	default:
		p.queue = p.queue[1:]
	}
	return sent, true
}

// delay waits until the first chunk's latency is over, and meanwhile queues what follows.
func (t *SharedBandwidth) delay(stub *toxics.ToxicStub, p *passage, now *state, late time.Duration) (again bool) {
	input := stub.Input
	if p.bytes >= inFlight {
		input = nil
	}
	p.timer.Reset(late)
	defer p.timer.Stop()
	select {
	case <-p.timer.C:
	case <-now.changed:
	case <-stub.Interrupt:
		return false
	case c := <-input:
		if c == nil { // the end: it follows the data
			_, again = p.wait(stub, now, late)
			return again
		}
		t.enter(p, c, now)
	}
	return true
}

// finish ends the connection in this direction, after the line's SlowClose. It reports true where the line changed before that.
func (p *passage) finish(stub *toxics.ToxicStub, now *state) (again bool) {
	if now.Silent { // a silent line does not pass an end on either
		select {
		case <-now.changed:
			return true
		case <-stub.Interrupt:
			return false
		}
	}
	if now.SlowClose > 0 {
		if over, again := p.wait(stub, now, now.SlowClose); !over {
			return again
		}
	}
	stub.Close()
	return false
}

// wait waits for d. It returns early where the conditions change (again) or the toxic is interrupted (neither).
func (p *passage) wait(stub *toxics.ToxicStub, now *state, d time.Duration) (over, again bool) {
	p.timer.Reset(d)
	defer p.timer.Stop()
	select {
	case <-p.timer.C:
		return true, true
	case <-now.changed:
		return false, true
	case <-stub.Interrupt:
		return false, false
	}
}

// end closes the connection and discards what still comes, so that the other end of the pipe does not wait.
func end(stub *toxics.ToxicStub) {
	stub.Close()
	for range stub.Input {
	}
}
