package load

import (
	"context"
	"net/netip"
	"time"
)

// Hop is one way to the origins: through a forward proxy, or Direct.
type Hop struct{ Proxy netip.AddrPort }

// Direct is the hop without a proxy.
var Direct Hop

// String gives the hop as a PAC script writes it.
func (h Hop) String() string {
	if h == Direct {
		return "DIRECT"
	}
	return "PROXY " + h.Proxy.String()
}

// Query is a request as its user's software sees it before it is sent.
type Query struct {
	User   int
	URL    string
	Host   string        // of the URL, without port
	Now    time.Duration // since the start of the load
	Within time.Duration // what is left of the request's own time
}

// chooser is how users find their way: by PAC, by DNS, out of a pool. It is used by many goroutines at once.
type chooser interface {
	// route gives the hops that a request may take. It may wait for the network, at most Query.Within. An error ends the
	// request.
	route(ctx context.Context, q Query) (route, error)
}

// route is the ways of one request. It is used by one goroutine.
type route interface {
	// next gives the hop to try now; false: there is none left.
	next() (Hop, bool)
	// failed tells that the hop last given could not be connected to.
	failed(why Outcome, now time.Duration)
	// worked tells that it could.
	worked(now time.Duration)
}

// Event is something that the users' software did on its own, for the record.
type Event struct {
	At      int64         // CLOCK_MONOTONIC, ns
	Kind    string        // one of the event constants
	Subject string        // the name of the node that it is about, where it is known
	Text    string        // for people
	For     time.Duration // of EventStreamBroken and EventStreamEnd
}

// maxHops bounds what one request tries; no list of a browser is longer in earnest.
const maxHops = 32

// list is a route of hops that nobody remembers anything of.
type list []Hop

func (l *list) next() (Hop, bool) {
	if len(*l) == 0 {
		return Hop{}, false
	}
	hop := (*l)[0]
	*l = (*l)[1:]
	return hop, true
}

func (l *list) failed(Outcome, time.Duration) {}
func (l *list) worked(time.Duration)          {}
