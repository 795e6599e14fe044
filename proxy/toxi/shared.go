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

// register makes the toxic known to Toxiproxy, whose registry is of the whole process.
func register() { once.Do(func() { toxics.Register(sharedBandwidth, new(SharedBandwidth)) }) }

// SharedBandwidth is a toxic that shapes the connections of a link together, as one wire does, where Toxiproxy's own
// bandwidth toxic gives each connection a rate of its own. It also counts what passes, and carries out the line's other
// conditions. It has no attributes: the line says what to do. It can be interrupted at any time, and loses nothing by it.
type SharedBandwidth struct {
	line      *line
	direction stream.Direction
}

// passage is one connection's state in one direction.
type passage struct {
	queue   []chunk   // on its way
	bytes   int       // in queue
	spoiled bool      // something was swallowed: the connection is good for nothing
	asked   time.Time // when the latest turn was taken
	sent    time.Time // when it was over; the line had let it go by due
	due     time.Time
	timer   *time.Timer
}

// chunk is data and the instant from which on it may leave: its latency is over then.
type chunk struct {
	*stream.StreamChunk
	due time.Time
}

// inFlight bounds the bytes that a connection has under way while the line adds latency, as a TCP window would.
const inFlight = 1 << 20

// atOnce is how soon after a turn more data must be there to have been waiting behind it.
const atOnce = time.Millisecond

// NewState implements toxics.StatefulToxic.
func (*SharedBandwidth) NewState() any {
	t := time.NewTimer(time.Hour)
	t.Stop()
	return &passage{timer: t}
}

// GetBufferSize implements toxics.BufferedToxic: with two chunks here and one in the hand of who brings it, a turn may be three.
func (*SharedBandwidth) GetBufferSize() int { return 2 }

// Pipe implements toxics.Toxic.
func (t *SharedBandwidth) Pipe(stub *toxics.ToxicStub) {
	p := stub.State.(*passage)
	for {
		now := t.line.now.Load()
		switch {
		case p.spoiled && !now.Silent:
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

// enter puts a chunk on its way. Answers alone are delayed, so that a round trip is delayed once.
func (t *SharedBandwidth) enter(p *passage, c *stream.StreamChunk, now *state) {
	due := c.Timestamp
	if t.direction == stream.Downstream {
		due = due.Add(now.delay())
	}
	p.queue, p.bytes = append(p.queue, chunk{c, due}), p.bytes+len(c.Data)
}

// carry takes a turn of what is on its way to the other side, or swallows it all. It reports false when interrupted.
func (t *SharedBandwidth) carry(stub *toxics.ToxicStub, p *passage, now *state) bool {
	if now.Silent {
		p.queue, p.bytes, p.spoiled = nil, 0, true
		return true
	}
	head, instant := p.queue[0], time.Now()
	if late := head.due.Sub(instant); late > 0 {
		return t.delay(stub, p, now, late)
	}
	bucket := &t.line.buckets[t.direction]
	ready, goesOn := head.due, head.due.Sub(p.sent) < atOnce
	if goesOn {
		ready = p.due // the sender was kept waiting by the last turn, which ended late
	}
	n := t.gather(stub.Input, p, now, bucket.quantum(goesOn, instant.Sub(p.asked)), instant)
	p.asked = instant
	wait, passed := bucket.take(n, goesOn, ready, instant)
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
		more = n > 0 && t.line.now.Load() == now // a line that has fallen silent swallows the rest
	}
	p.sent, p.due = time.Now(), passed
	return true
}

// gather takes in what waits behind the first chunk and gives the bytes of a turn of about q.
func (t *SharedBandwidth) gather(input <-chan *stream.StreamChunk, p *passage, now *state, q int, instant time.Time) (n int) {
	for i := 0; n < q; i++ {
		if i == len(p.queue) {
			select {
			case c := <-input:
				if c == nil { // the end: it is heard again after the data
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
	if n < q+q/2 { // no turn for a small rest
		return n
	}
	return q
}

// send hands on at most n bytes of the first chunk. It reports not ok when interrupted.
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

// delay waits for the first chunk's latency to pass, and meanwhile takes in what follows.
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

// finish ends the connection in this direction when its time has come; it reports true when the line has changed before.
func (p *passage) finish(stub *toxics.ToxicStub, now *state) (again bool) {
	if now.Silent { // an end is not heard either
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

// wait lets d pass, unless the conditions change (again) or the toxic is interrupted (neither).
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

// end closes the connection and lets what still comes fall, so that nobody waits for this end of the pipe.
func end(stub *toxics.ToxicStub) {
	stub.Close()
	for range stub.Input {
	}
}
