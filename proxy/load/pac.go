package load

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// PAC is users whose browsers evaluate a PAC file for every request.
type PAC struct {
	Browser string            `json:"browser"` // chrome or firefox
	Script  string            `json:"script"`
	Hosts   map[string]string `json:"hosts"` // the only names that the script can resolve and return, to addresses
}

// EventPACBad tells that a browser has set a proxy aside; EventPACError that a script failed, upon which browsers go DIRECT.
const (
	EventPACBad   = "pac-bad"
	EventPACError = "pac-error"
)

// maxTold bounds the events of one kind in a run.
const maxTold = 100

// browsers are the users of one run: one script, and what each user's browser remembers.
type browsers struct {
	script *pac.Script
	stop   context.CancelCauseFunc
	hosts  map[string]netip.Addr
	names  map[netip.Addr]string
	tell   func(Event)

	mu    sync.Mutex
	users []policy.Proxies[Hop]
	told  map[string]int // by kind
}

// newBrowsers starts the script, which ends with ctx. A script that runs into a limit ends the load by stop.
func newBrowsers(ctx context.Context, stop context.CancelCauseFunc, s *Spec, tell func(Event)) (*browsers, error) {
	b := &browsers{
		stop:  stop,
		hosts: map[string]netip.Addr{}, names: map[netip.Addr]string{}, tell: tell,
		users: make([]policy.Proxies[Hop], s.Users), told: map[string]int{},
	}
	for name, text := range s.PAC.Hosts {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("load: pac: host %s: %w", name, err)
		}
		b.hosts[name], b.names[addr] = addr, name
	}
	for i := range b.users {
		b.users[i].Browser = policy.Browser(s.PAC.Browser)
	}
	var err error
	b.script, err = pac.Load("script", s.PAC.Script, pac.Environment{
		Hosts: b.hosts,
	})
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
		b.stop(fmt.Errorf("the PAC file fails for %s: %w", failed.URL, err))
		return nil, err
	case err != nil:
		b.say(EventPACError, "", err.Error())
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
	return &browsing{b: b, user: q.User, list: u.Order(hops, q.Now), attempt: u.Attempt()}, nil
}

// say tells an event, unless there were many of its kind.
func (b *browsers) say(kind, subject, text string) {
	b.mu.Lock()
	b.told[kind]++
	many := b.told[kind] > maxTold
	b.mu.Unlock()
	if !many {
		b.tell(Event{At: Monotonic(), Kind: kind, Subject: subject, Text: text})
	}
}

// browsing is a request's way through the hops of a script.
type browsing struct {
	b    *browsers
	user int
	list
	last    Hop
	attempt *policy.Attempt[Hop]
}

func (r *browsing) next() (hop Hop, ok bool) {
	r.last, ok = r.list.next()
	return r.last, ok
}

func (r *browsing) failed(_ Outcome, now time.Duration) {
	r.b.mu.Lock()
	bad := r.attempt.Failed(r.last, now)
	r.b.mu.Unlock()
	r.say(bad)
}

func (r *browsing) worked(now time.Duration) {
	r.b.mu.Lock()
	bad := r.attempt.Worked(now)
	r.b.mu.Unlock()
	r.say(bad)
}

func (r *browsing) say(bad []Hop) {
	for _, hop := range bad {
		name := r.b.names[hop.Proxy.Addr()]
		r.b.say(EventPACBad, name, fmt.Sprintf("user %d sets %s aside for %s", r.user, name, r.b.users[r.user].Browser.SetAside()))
	}
}
