package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// Summary counts the requests of a run.
type Summary struct {
	Scheduled int // requests that came due
	Samples   int // samples emitted; equal to Scheduled unless the run was cancelled
}

// Run sends the load of spec. It passes the samples to emit in batches of at most 512, about every 100 ms, from one goroutine.
// A batch is valid until emit returns. Every request that comes due yields exactly one sample. Run returns when the last sample
// is emitted, at most Timeout after Duration.
//
// The loop is open: request i is sent at Start + i/Rate, independent of all other requests. It uses a kept connection of its
// user, or a new one. A request is sent once. There are two exceptions: Retry, and users with several hops. If such a user
// cannot connect to a hop, the request tries the next hop, as in browsers.
//
// A cancelled run ends at once with an error. Its current requests have no sample, because their outcome is unknown. Call Tune
// in the process first.
//
// tell gets the events of the users' software, from any goroutine. nil: they are discarded.
func Run(ctx context.Context, spec Spec, tell func(Event), emit func([]Sample)) (Summary, error) {
	if err := spec.Validate(); err != nil {
		return Summary{}, err
	}
	if tell == nil {
		tell = func(Event) {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil) // ends the lookups and scripts of the users
	g, err := newGenerator(ctx, cancel, spec, tell)
	if err != nil {
		return Summary{}, err
	}
	return g.run(emit)
}

// run runs the generator from start to end.
func (g *generator) run(emit func([]Sample)) (Summary, error) {
	g.recorder = newRecorder(emit)
	var sum Summary
	endStreams := g.startStreams()
	defer endStreams()
	paced := make(chan struct{})
	go func() {
		defer close(paced)
		sum.Scheduled = g.pace()
	}()
	<-paced
	endStreams()
	g.choosing.Wait()
	for i := range g.users {
		g.users[i].close()
	}
	g.conns.Wait()
	g.recorder.close()
	sum.Samples = g.recorder.total
	if err := context.Cause(g.ctx); err != nil {
		return sum, fmt.Errorf("load: stopped after %d of %d requests: %w", sum.Scheduled, g.schedule.count, err)
	}
	return sum, nil
}

// generator is one run.
type generator struct {
	ctx      context.Context
	spec     Spec
	fixed    Hop     // the hop of all requests if chooser is nil
	proxy    target  // the address of fixed
	chooser  chooser // nil: all requests go to fixed
	direct   netip.Addr
	sources  []target      // port 0
	exits    map[Hop]uint8 // with a pool: node by exit
	clock    clock
	schedule schedule
	text     requestText
	evidence evidence
	tls      []*tls.Config // by origin
	users    []user
	conns    sync.WaitGroup
	choosing sync.WaitGroup // requests of the pacer that may still take a kept connection
	recorder *recorder
	tell     func(Event)
}

func newGenerator(ctx context.Context, stop context.CancelCauseFunc, spec Spec, tell func(Event)) (*generator, error) {
	configs, err := tlsConfigs(&spec)
	if err != nil {
		return nil, err
	}
	g := &generator{
		ctx:      ctx,
		spec:     spec,
		clock:    newClock(spec.Start),
		schedule: newSchedule(spec),
		text:     newRequestText(&spec),
		evidence: newEvidence(&spec),
		tls:      configs,
		users:    make([]user, spec.Users),
		tell:     tell,
	}
	g.exits = spec.Pool.nodesOf(g.evidence.nodes)
	for _, source := range spec.Sources {
		g.sources = append(g.sources, newTarget(netip.AddrPortFrom(netip.MustParseAddr(source), 0))) // validated
	}
	if spec.Direct != "" {
		g.direct = netip.MustParseAddr(spec.Direct) // validated
	}
	if spec.Proxy != "" {
		g.fixed = Hop{netip.MustParseAddrPort(spec.Proxy)} // validated
		g.proxy = newTarget(g.fixed.Proxy)
		return g, nil
	}
	g.chooser, err = newChooser(ctx, stop, &g.spec, g.clock, tell)
	return g, err
}

// source is the address from which a user connects, as a struct sockaddr; nil: the kernel chooses.
func (g *generator) source(user int) []byte {
	if len(g.sources) == 0 {
		return nil
	}
	return g.sources[user%len(g.sources)].address
}

// deadline gives the instant at which the request times out.
func (g *generator) deadline(req request) time.Time { return g.clock.at(req.due + g.spec.Timeout) }

// report emits the sample of c's request, which ended with err. err is nil for a success. It emits nothing if the context was
// cancelled and the request failed.
func (g *generator) report(c *conn, err error) {
	if err == nil || g.ctx.Err() == nil {
		g.recorder.add(c.sample(err))
	}
}

// sample gives the sample of a request that ends now.
func (g *generator) sample(req request, sent time.Duration, outcome Outcome) Sample {
	s := Sample{
		Scheduled: int64(req.due),
		Late:      saturate(int64(sent - req.due)),
		Done:      micros(g.clock.now() - req.due),
		User:      uint16(req.user),
		Outcome:   outcome,
	}
	if req.tunnel {
		s.Flags = Tunnel
	}
	return s
}
