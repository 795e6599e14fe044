package policy

import "time"

// Browser is whose way of leaving a proxy that cannot be connected to a client has.
type Browser string

// The browsers.
const (
	Chrome  Browser = "chrome"
	Firefox Browser = "firefox"
)

// SetAside is for how long a browser sets a bad proxy aside. Chrome: 5 minutes (net/proxy_resolution/proxy_list.cc,
// ProxyList::Fallback). Firefox: network.proxy.failover_timeout, 1800 s (nsProtocolProxyService.cpp).
func (b Browser) SetAside() time.Duration {
	if b == Firefox {
		return 30 * time.Minute
	}
	return 5 * time.Minute
}

// ConnectTimeout is how long a browser waits for the connection to a silent proxy if the kernel does not end it before.
// Chrome on the desktop: 5 times the HTTP round trip, at least 30 s and at most 60 s (http_proxy_connect_job.cc). Firefox:
// network.http.connection-timeout, 90 s.
func (b Browser) ConnectTimeout() time.Duration {
	if b == Firefox {
		return 90 * time.Second
	}
	return 30 * time.Second
}

// Proxies is what one browser remembers of its proxies. H names a hop; its zero value is the direct way, which is never
// bad. The zero Proxies with a Browser is ready.
type Proxies[H comparable] struct {
	Browser Browser
	bad     map[H]time.Duration // until
}

// Order gives the hops of a list to try now, in their order.
//
// Chrome tries the bad ones last (ProxyList::DeprioritizeBadProxyChains): behind DIRECT too. Firefox leaves the bad ones
// out, unless every proxy of the list is bad: then it tries the whole list again (nsProtocolProxyService::PruneProxyInfo),
// so that "PROXY a; DIRECT" tries a dead a for every new connection.
func (p *Proxies[H]) Order(list []H, now time.Duration) []H {
	var direct H
	var good, bad []H
	usable := false // some proxy of the list is not bad
	for _, h := range list {
		if until, is := p.bad[h]; is && now <= until {
			bad = append(bad, h)
			continue
		}
		good = append(good, h)
		usable = usable || h != direct
	}
	switch {
	case p.Browser != Firefox:
		return append(good, bad...)
	case usable:
		return good
	}
	return list
}

// Attempt is one request's way through its hops.
type Attempt[H comparable] struct {
	p      *Proxies[H]
	failed []H
}

// Attempt begins one.
func (p *Proxies[H]) Attempt() *Attempt[H] { return &Attempt[H]{p: p} }

// Failed tells that a hop could not be connected to, and gives the hops that are set aside now. Firefox sets one aside at
// once (GetFailoverForProxy), Chrome only when the request has found another way (ReportSuccess). What a proxy answers to
// CONNECT is no ground for either (net/http/proxy_fallback.cc).
func (a *Attempt[H]) Failed(h H, now time.Duration) []H {
	var direct H
	if h == direct {
		return nil
	}
	if a.p.Browser == Firefox {
		return a.p.mark([]H{h}, now)
	}
	a.failed = append(a.failed, h)
	return nil
}

// Worked tells that a hop was connected to, and gives the hops that are set aside now.
func (a *Attempt[H]) Worked(now time.Duration) []H {
	failed := a.failed
	a.failed = nil
	return a.p.mark(failed, now)
}

// mark sets hops aside and gives those that were not.
func (p *Proxies[H]) mark(list []H, now time.Duration) (fresh []H) {
	if p.bad == nil {
		p.bad = make(map[H]time.Duration)
	}
	for _, h := range list {
		if until, is := p.bad[h]; !is || now > until {
			fresh = append(fresh, h)
		}
		p.bad[h] = now + p.Browser.SetAside()
	}
	return fresh
}
