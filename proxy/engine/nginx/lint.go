package nginx

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// finding is short here.
type finding = configtext.Finding

// use is a group with a location that passes to it.
type use struct {
	cfg      *Config
	server   *Server
	location *Location
	group    *Upstream
}

// uses gives each location that passes to a known group.
func (c *Config) uses() (all []use) {
	groups := map[string]*Upstream{}
	for _, u := range c.Upstreams {
		groups[key(u.Stream, u.Name)] = u
	}
	for _, s := range c.Servers {
		for _, l := range s.Locations {
			if u := groups[key(s.Stream, l.Upstream)]; u != nil {
				all = append(all, use{c, s, l, u})
			}
		}
	}
	return all
}

// rules are those of a location with its group, in the order of their findings.
var rules = []func(use) []finding{single, unseen, alone, late, patient, neverAside, perWorker, resolvedOnce}

// Lint gives what is dangerous or without effect in a configuration that nginx accepts. A finding about a group is given once.
func (c *Config) Lint() (all []finding) {
	type spot struct {
		code string
		at   Pos
	}
	seen := map[spot]bool{}
	add := func(found []finding) {
		for _, f := range found {
			if !seen[spot{f.Code, f.At}] {
				seen[spot{f.Code, f.At}] = true
				all = append(all, f)
			}
		}
	}
	uses := c.uses()
	for _, u := range uses {
		for _, rule := range rules {
			add(rule(u))
		}
	}
	add(c.unused(uses))
	return all
}

// several tells whether another server can take over.
func (u use) several() bool {
	serving, backups := u.group.Usable()
	return len(serving)+len(backups) > 1
}

// passes names a location in a message.
func (u use) passes() string {
	if u.location.Path == "" {
		return "proxy_pass " + u.location.Pass.Value
	}
	return fmt.Sprintf("location %s with proxy_pass %s", u.location.Path, u.location.Pass.Value)
}

// at gives where a value is set, or else where the location passes.
func at[T any](u use, s Setting[T]) Pos {
	if s.Set() {
		return s.At
	}
	return u.location.Pass.At
}

// local tells whether a server is a program on the node itself.
func (p *Peer) local() bool {
	addr, err := netip.ParseAddr(p.Host)
	return p.Path != "" || p.Host == "localhost" || err == nil && addr.IsLoopback()
}

// single finds a group with one server. A program on the node itself lives and dies with nginx.
func single(u use) []finding {
	serving, backups := u.group.Usable()
	if all := append(serving, backups...); len(all) != 1 || all[0].local() {
		return nil
	}
	return []finding{{Code: "single-server", At: u.group.At, What: fmt.Sprintf("upstream %s has one server", u.group.Name),
		Why: "nothing serves its users when that server is lost", Cure: "a second server"}}
}

// unseen finds connections whose server may freeze: stream counts failed connects only (ngx_stream_proxy_module.c).
func unseen(u use) []finding {
	if !u.group.Stream || !u.several() {
		return nil
	}
	return []finding{{Code: "hang-undetected", At: u.location.Pass.At, What: fmt.Sprintf("the checks of upstream %s only connect", u.group.Name),
		Why:  fmt.Sprintf("stream counts failed connects, and the kernel accepts connections for a program that is frozen: users wait for proxy_timeout %s and get the same server again", u.location.Proxy.Timeout.Value),
		Cure: "a balancer with active checks in front, or mode http with a short proxy_read_timeout"}}
}

// alone finds a group of several servers of which a request tries one.
func alone(u use) []finding {
	p := u.location.Proxy
	off, one := p.Next.Value == "off", p.NextTries.Value == 1
	if !u.several() || !off && !one {
		return nil
	}
	what, where := "proxy_next_upstream off", at(u, p.Next)
	if !off {
		what, where = "proxy_next_upstream_tries 1", at(u, p.NextTries)
	}
	return []finding{{Code: "no-redispatch", At: where, What: fmt.Sprintf("%s in %s", what, u.passes()),
		Why: "a request that meets a dead server fails, although others live", Cure: "proxy_next_upstream with error and timeout, and two tries or more"}}
}

// late finds a time for the next server that is over before a silent one is given up.
func late(u use) []finding {
	p := u.location.Proxy
	if !u.several() || p.NextTimeout.Value == 0 || p.NextTimeout.Value > p.Connect.Value || p.Next.Value == "off" {
		return nil
	}
	return []finding{{Code: "next-server-too-late", At: p.NextTimeout.At, What: fmt.Sprintf("proxy_next_upstream_timeout %s is not longer than proxy_connect_timeout %s in %s", p.NextTimeout.Value, p.Connect.Value, u.passes()),
		Why: "the time is over when a silent server is given up, so no other is tried", Cure: "a proxy_connect_timeout of less than a half of it"}}
}

// patient finds the default time to connect, where another server could serve.
func patient(u use) []finding {
	const much = 10 * time.Second
	p := u.location.Proxy
	if !u.several() || p.Connect.Value <= much {
		return nil
	}
	return []finding{{Code: "connect-timeout-long", At: at(u, p.Connect), What: fmt.Sprintf("proxy_connect_timeout %s in %s", p.Connect.Value, u.passes()),
		Why: "a user waits so long for a silent server before another is tried, max_fails times and once in each fail_timeout", Cure: "proxy_connect_timeout of a few seconds"}}
}

// neverAside finds servers of several that no failure sets aside.
func neverAside(u use) []finding {
	i := slices.IndexFunc(u.group.Peers, func(p *Peer) bool { return p.MaxFails.Value == 0 && !p.Down.Value })
	if i < 0 || !u.several() {
		return nil
	}
	return []finding{{Code: "never-aside", At: u.group.Peers[i].MaxFails.At, What: fmt.Sprintf("max_fails=0 in upstream %s", u.group.Name),
		Why: "failures do not set the server aside: each of its requests waits for the failure first", Cure: "max_fails=1 or more"}}
}

// perWorker finds a group whose failures each worker counts for itself.
func perWorker(u use) []finding {
	if !u.several() || u.group.Zone.Value != "" || u.cfg.Workers.Value == 1 {
		return nil
	}
	workers := "each of the workers (one for each processor)"
	if n := u.cfg.Workers.Value; n > 1 {
		workers = fmt.Sprintf("each of the %d workers", n)
	}
	return []finding{{Code: "no-zone", At: u.group.At, What: fmt.Sprintf("upstream %s has no zone", u.group.Name),
		Why: workers + " counts failures for itself, so that many times max_fails requests meet a dead server", Cure: "zone " + u.group.Name + " 64k"}}
}

// resolvedOnce finds names, which nginx 1.22 resolves at its start only.
func resolvedOnce(u use) []finding {
	i := slices.IndexFunc(u.group.Peers, func(p *Peer) bool {
		_, err := netip.ParseAddr(p.Host)
		return err != nil && p.Path == "" && p.Host != "localhost" && !strings.Contains(p.Host, "$")
	})
	if i < 0 {
		return nil
	}
	p := u.group.Peers[i]
	return []finding{{Code: "name-at-start", At: p.At, What: fmt.Sprintf("upstream %s has the name %s as an address", u.group.Name, p.Host),
		Why: "nginx resolves it at its start and at a reload only: it does not start while the name does not resolve, and does not follow a new address", Cure: "an address, or a variable in proxy_pass with a resolver"}}
}

// unused finds groups to which nothing passes. A pass with a variable, or of another protocol, may name any.
func (c *Config) unused(uses []use) (all []finding) {
	if slices.ContainsFunc(c.Unknown, func(u configtext.Unknown) bool {
		return strings.Contains(u.Text, "_pass ") || strings.HasPrefix(u.Text, "if ") || strings.HasPrefix(u.Text, "include ")
	}) {
		return nil
	}
	used := map[*Upstream]bool{}
	for _, u := range uses {
		used[u.group] = true
	}
	for _, u := range c.Upstreams {
		if !used[u] {
			all = append(all, finding{Code: "unused-upstream", At: u.At, What: fmt.Sprintf("no proxy_pass names upstream %s", u.Name), Why: "its servers serve nobody", Cure: "a proxy_pass that uses it, or no such block"})
		}
	}
	return all
}
