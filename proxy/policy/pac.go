package policy

import "time"

// Browser is the browser whose rules for unreachable proxies a user follows.
type Browser string

// The browsers.
const (
	Chrome  Browser = "chrome"
	Firefox Browser = "firefox"
)

// SetAside is the time for which a browser avoids a bad proxy. Chrome: 5 minutes (net/proxy_resolution/proxy_list.cc,
// ProxyList::Fallback). Firefox: network.proxy.failover_timeout, 1800 s (nsProtocolProxyService.cpp).
func (b Browser) SetAside() time.Duration {
	if b == Firefox {
		return 30 * time.Minute
	}
	return 5 * time.Minute
}

// ConnectTimeout is the time that a browser waits for the connection to a silent proxy, unless the kernel ends the attempt
// earlier. Chrome on the desktop: 5 times the HTTP round trip, at least 30 s and at most 60 s (http_proxy_connect_job.cc); this
// is the minimum. Firefox: network.http.connection-timeout, 90 s.
func (b Browser) ConnectTimeout() time.Duration {
	if b == Firefox {
		return 90 * time.Second
	}
	return 30 * time.Second
}

// Proxies is the memory that one browser has of its proxies. H names a hop. Its zero value is the direct connection, which is
// never bad. A zero Proxies with a Browser is ready for use.
type Proxies[H comparable] struct {
	Browser Browser
	bad     map[H]time.Duration // end of the time as a bad proxy, by hop
}

// Order gives the hops of a list that the browser tries now, in order.
//
// Chrome tries the bad proxies last, also after DIRECT (ProxyList::DeprioritizeBadProxyChains). Firefox leaves the bad proxies
// out. If every proxy of the list is bad, Firefox tries the whole list again (nsProtocolProxyService::PruneProxyInfo). With
// "PROXY a; DIRECT" it therefore tries a dead proxy a for every new connection.
func (p *Proxies[H]) Order(list []H, now time.Duration) []H {
	var direct H
	var good, bad []H
	usable := false // a proxy of the list is not bad
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

// Attempt is the attempt of one request to find a hop that works.
type Attempt[H comparable] struct {
	p      *Proxies[H]
	failed []H
}

// Attempt begins an attempt.
func (p *Proxies[H]) Attempt() *Attempt[H] { return &Attempt[H]{p: p} }

// Failed records that the browser could not connect to a hop, and gives the hops that became bad by it. Firefox marks a hop at
// once (GetFailoverForProxy). Chrome marks it only after another hop of the request worked (ReportSuccess). An answer to
// CONNECT marks no proxy (net/http/proxy_fallback.cc).
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

// Worked records that the browser connected to a hop, and gives the hops that became bad by it.
func (a *Attempt[H]) Worked(now time.Duration) []H {
	failed := a.failed
	a.failed = nil
	return a.p.mark(failed, now)
}

// mark marks hops as bad and gives those that were not bad before.
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
