package load

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// PAC is users whose browsers evaluate a PAC file for every request.
type PAC struct {
	Browser string            `json:"browser"` // chrome or firefox
	Script  string            `json:"script"`
	Hosts   map[string]string `json:"hosts"` // address by name; the script can resolve and return only these names
}

// EventPACBad: a browser has marked a proxy as bad. EventPACError: a script failed; then browsers go DIRECT.
const (
	EventPACBad   = "pac-bad"
	EventPACError = "pac-error"
)

// maxEvents limits the events of one kind in a run.
const maxEvents = 100

// browsers are the browsers of one run's users: the script they share, and what each of them remembers.
type browsers struct {
	script *pac.Script
	stop   context.CancelCauseFunc
	hosts  map[string]netip.Addr
	names  map[netip.Addr]string
	tell   func(Event)

	mu       sync.Mutex
	users    []policy.Proxies[Hop]
	reported map[string]int // by kind
}

// newBrowsers starts the script's process, which ends with ctx. If the script exceeds a limit, browsers end the load by calling
// stop.
func newBrowsers(ctx context.Context, stop context.CancelCauseFunc, s *Spec, tell func(Event)) (*browsers, error) {
	b := &browsers{
		stop:  stop,
		hosts: map[string]netip.Addr{}, names: map[netip.Addr]string{}, tell: tell,
		users: make([]policy.Proxies[Hop], s.Users), reported: map[string]int{},
	}
	for name, text := range s.PAC.Hosts {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("load: pac: host %s: %w", name, err)
		}
		b.hosts[name] = addr
		if known := b.names[addr]; known == "" || slices.Contains(s.Nodes, name) || !slices.Contains(s.Nodes, known) && name < known {
			b.names[addr] = name // a node's name before its other names
		}
	}
	for i := range b.users {
		b.users[i].Browser = policy.Browser(s.PAC.Browser)
	}
	var err error
	env := pac.Environment{Hosts: b.hosts}
	if len(s.Sources) > 0 {
		env.Own = netip.MustParseAddr(s.Sources[0]) // validated; the users share the script and so the first user's address
	}
	b.script, err = pac.Load("script", s.PAC.Script, env)
	if err != nil {
		return nil, fmt.Errorf("load: pac: %w", err)
	}
	context.AfterFunc(ctx, b.script.Close)
	if s.Script != nil {
		s.Script.Store(int64(b.script.PID()))
	}
	return b, nil
}

func (b *browsers) route(_ context.Context, q Query) (route, error) {
	var hops []Hop
	found, err := b.script.Find(q.URL, q.Host)
	var failed *pac.Error
	switch {
	case pac.Over(err) && errors.As(err, &failed):
		b.stop(reason.Errorf("pac-failed", "the PAC file failed for %s: %w", failed.URL, err))
		return nil, err
	case err != nil:
		b.report(EventPACError, "", err.Error())
		hops = []Hop{Direct}
	}
	for _, f := range found {
		addr, known := b.hosts[f.Host]
		switch {
		case f.Direct():
			hops = append(hops, Direct)
		case known:
			hops = append(hops, Hop{netip.AddrPortFrom(addr, uint16(f.Port))})
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	u := &b.users[q.User]
	return &pacRoute{b: b, user: q.User, list: u.Order(hops, q.Now), attempt: u.Attempt()}, nil
}

// report passes an event on, at most maxEvents of a kind in a run.
func (b *browsers) report(kind, subject, text string) {
	b.mu.Lock()
	b.reported[kind]++
	many := b.reported[kind] > maxEvents
	b.mu.Unlock()
	if !many {
		b.tell(Event{At: Monotonic(), Kind: kind, Subject: subject, Text: text})
	}
}

// pacRoute is a request's path through the hops of a script.
type pacRoute struct {
	b    *browsers
	user int
	list
	last    Hop
	attempt *policy.Attempt[Hop]
}

func (r *pacRoute) next() (hop Hop, ok bool) {
	r.last, ok = r.list.next()
	return r.last, ok
}

func (r *pacRoute) failed(_ Outcome, now time.Duration) {
	r.b.mu.Lock()
	bad := r.attempt.Failed(r.last, now)
	r.b.mu.Unlock()
	r.report(bad)
}

func (r *pacRoute) worked(now time.Duration) {
	r.b.mu.Lock()
	bad := r.attempt.Worked(now)
	r.b.mu.Unlock()
	r.report(bad)
}

func (r *pacRoute) report(bad []Hop) {
	for _, hop := range bad {
		name := r.b.names[hop.Proxy.Addr()]
		r.b.report(EventPACBad, name, fmt.Sprintf("user %d marks %s as bad for %s", r.user, name, r.b.users[r.user].Browser.SetAside()))
	}
}
