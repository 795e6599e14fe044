package load

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// Summary ends a run.
type Summary struct {
	Scheduled int // requests that came due
	Samples   int // samples emitted: the same, unless the run was cancelled
}

// Run sends the load that spec describes, and gives the samples to emit in batches of at most 512, about every 100 ms,
// from one goroutine; a batch is valid until emit returns. Every request that comes due yields exactly one sample. Run
// returns when the last one is emitted: at most Timeout after Duration.
//
// The loop is open: request i leaves at Start + i/Rate whatever became of the others, on a kept connection of its user
// or else on a new one. There is one attempt per request, but for Retry, and but for the hops that users may choose
// among: a hop that cannot be connected to is left for the next one within the same request, as browsers do.
//
// A cancelled run ends at once, with an error, and without samples for the requests under way: how they would have
// ended is not known. Call Tune in the process first.
//
// What the users' software does on its own goes to tell, from any goroutine; nil: nowhere.
func Run(ctx context.Context, spec Spec, tell func(Event), emit func([]Sample)) (Summary, error) {
	if err := spec.Validate(); err != nil {
		return Summary{}, err
	}
	if tell == nil {
		tell = func(Event) {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil) // what the users' software still asks for
	g, err := newGenerator(ctx, cancel, spec, tell)
	if err != nil {
		return Summary{}, err
	}
	return g.run(emit)
}

// run is the whole run.
func (g *generator) run(emit func([]Sample)) (Summary, error) {
	g.recorder = newRecorder(emit)
	var sum Summary
	endStreams := g.streaming()
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
	fixed    Hop     // where there is no chooser
	proxy    target  // the address of fixed
	chooser  chooser // nil: all requests go to fixed
	direct   netip.Addr
	exits    map[Hop]uint8 // of a pool: the node of each
	clock    clock
	schedule schedule
	wording  wording
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
		wording:  newWording(&spec),
		evidence: newEvidence(&spec),
		tls:      configs,
		users:    make([]user, spec.Users),
		tell:     tell,
	}
	g.exits = spec.Pool.nodesOf(g.evidence.nodes)
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

// deadline is when the request's patience ends.
func (g *generator) deadline(req request) time.Time { return g.clock.at(req.due + g.spec.Timeout) }

// report emits the sample of c's request, which ended with err, or well. What a cancelled context broke is not reported.
func (g *generator) report(c *conn, err error) {
	if err == nil || g.ctx.Err() == nil {
		g.recorder.add(c.sample(err))
	}
}

// sample is the record of a request that was sent, or could not be, and ends now.
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
