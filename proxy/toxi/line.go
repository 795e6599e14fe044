package toxi

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Shopify/toxiproxy/v2/stream"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Conditions are what a line does to all of its connections alike.
type Conditions struct {
	Bandwidth int64         `json:"bandwidth_bps"` // bit/s, in each direction, for all connections together; 0: no limit
	Latency   time.Duration `json:"latency_ns"`    // added to each answer, in addition to that of the link
	Jitter    time.Duration `json:"jitter_ns"`     // the added latency is drawn from Latency +- Jitter; order is kept
	SlowClose time.Duration `json:"slow_close_ns"` // from the end of one side until it is passed on to the other
	Silent    bool          `json:"silent"`        // data and ends are swallowed
}

// Bytes is what a line has carried since it came up, in bytes of TCP payload, without swallowed data.
type Bytes struct {
	Up   int64 `json:"up_bytes"`   // to the origins
	Down int64 `json:"down_bytes"` // to the proxies
}

// line is the wire that all connections of a link share, plain and TLS. Its conditions change at once for all of them.
// Toxiproxy's own updates of toxics wait for one connection after the other, and may never end (its issue 558).
type line struct {
	base    Conditions // without a fault
	now     atomic.Pointer[state]
	mu      sync.Mutex // one change at a time
	buckets [stream.NumDirections]bucket
	bytes   [stream.NumDirections]atomic.Int64
}

// state is the line's conditions until changed is closed.
type state struct {
	Conditions
	changed chan struct{}
}

func newLine(c Conditions) *line {
	l := &line{base: c}
	l.now.Store(&state{changed: make(chan struct{})})
	l.set(c)
	return l
}

// set changes the conditions and returns the interval of CLOCK_MONOTONIC in which that happened. It wakes the connections that
// wait under the old conditions.
func (l *line) set(c Conditions) proxy.Interval {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := proxy.Monotonic()
	now := time.Now()
	for i := range l.buckets {
		l.buckets[i].set(c.Bandwidth, now)
	}
	close(l.now.Swap(&state{c, make(chan struct{})}).changed)
	return proxy.Since(before)
}

func (l *line) carried() Bytes {
	return Bytes{Up: l.bytes[stream.Upstream].Load(), Down: l.bytes[stream.Downstream].Load()}
}

// delay draws the latency added to a chunk.
func (c Conditions) delay() time.Duration {
	if c.Jitter <= 0 {
		return c.Latency
	}
	return max(0, c.Latency-c.Jitter+rand.N(2*c.Jitter+1))
}

// report is an answer of the link's own part of the API.
type report struct {
	Conditions
	Bytes
	Base Conditions `json:"base"`
	// The interval in which the call changed the conditions, in ns of CLOCK_MONOTONIC; 0: it changed none.
	Before int64 `json:"before_ns,omitempty"`
	After  int64 `json:"after_ns,omitempty"`
}

func (l *line) report() report {
	return report{Conditions: l.now.Load().Conditions, Bytes: l.carried(), Base: l.base}
}
