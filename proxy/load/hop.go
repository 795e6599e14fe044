package load

import (
	"context"
	"net/netip"
	"time"
)

// Hop is one path to the origins: through a forward proxy, or Direct.
type Hop struct{ Proxy netip.AddrPort }

// Direct is the hop without a proxy.
var Direct Hop

// String gives the hop in the syntax of a PAC script's result.
func (h Hop) String() string {
	if h == Direct {
		return "DIRECT"
	}
	return "PROXY " + h.Proxy.String()
}

// Query is a request before it is sent, as the user's software sees it.
type Query struct {
	User   int
	URL    string
	Host   string        // of the URL, without port
	Now    time.Duration // since the start of the load
	Within time.Duration // the remaining time of the request
}

// chooser gives the hops of a request: by PAC, by DNS, or from a pool. It is safe for use by several goroutines.
type chooser interface {
	// route gives the hops that a request may use, in order. It may wait for the network, at most Query.Within. An error ends
	// the request.
	route(ctx context.Context, q Query) (route, error)
}

// route is the hops of one request. One goroutine uses it.
type route interface {
	// next gives the hop to try now. false: there is none left.
	next() (Hop, bool)
	// failed records that the request could not connect to the last hop of next.
	failed(why Outcome, now time.Duration)
	// worked records that the request connected to it.
	worked(now time.Duration)
}

// Event is a decision or a failure of the users' software, for the trace.
type Event struct {
	At      int64         // CLOCK_MONOTONIC, ns
	Kind    string        // one of the event constants
	Subject string        // name of the node, number of the user, or empty
	Text    string        // explanation for people
	For     time.Duration // with EventStreamBroken and EventStreamEnd: time since the last answer
}

// maxHops is the largest number of hops that one request tries. Real PAC files return far fewer.
const maxHops = 32

// list is a route that remembers no result.
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
