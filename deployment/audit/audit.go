// Package audit finds dangers in the configuration files of a deployment: those that the rules of each engine find in its file, and those
// that show only when files are read together. Begin at Check. It refuses nothing and opens no file.
package audit

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/deployment/promise"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/keepalived"
	"github.com/seed-ab8b6914/spof/proxy/engine/squid"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Finding is short here.
type Finding = configtext.Finding

// rules are those over several files.
var rules = []func(*deployment.System) []Finding{checkRace, pacDirect, membersDiffer, parentForAll, untracked, blindHealth}

// Check gives all findings, by file and line, each once.
func Check(s *deployment.System) []Finding {
	var all []Finding
	for _, h := range s.Hosts {
		all = append(all, own(s, h)...)
	}
	all = append(all, slices.DeleteFunc(keepalived.Lint(promise.Members(s)), func(f Finding) bool { return installed(s, f) })...)
	for _, rule := range rules {
		all = append(all, rule(s)...)
	}
	slices.SortStableFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.At.File, b.At.File), cmp.Compare(a.At.Line, b.At.Line), cmp.Compare(a.At.Col, b.At.Col), cmp.Compare(a.Code, b.Code))
	})
	return slices.CompactFunc(all, func(a, b Finding) bool { return a.Code == b.Code && a.At == b.At })
}

// own are the findings of the files of one host.
func own(s *deployment.System, h *deployment.Host) (all []Finding) {
	if h.HAProxy != nil {
		all = append(all, h.HAProxy.Lint()...)
	}
	if h.Nginx != nil {
		all = append(all, h.Nginx.Lint()...)
	}
	if h.Squid != nil {
		all = append(all, h.Squid.Lint(squid.Limits{Grace: s.Services[h.Service].Grace.Value, Patience: patience})...)
	}
	return all
}

// patience is how long a user waits at most for an answer. A longer wait is an outage.
const patience = time.Minute

// installed tells whether a finding about a program that may be missing is met by the Dockerfiles of all nodes with the script.
func installed(s *deployment.System, f Finding) bool {
	if f.Code != "program-may-be-missing" {
		return false
	}
	for _, h := range s.Hosts {
		if h.Keepalived == nil {
			continue
		}
		for _, script := range h.Keepalived.Scripts {
			if words := strings.Fields(script.Command.Value); script.Command.At == f.At && len(words) > 0 && !s.Installs(h, deployment.PackageOf(words[0])) {
				return false
			}
		}
	}
	return true
}

// parses are commands that read a configuration and ask no service.
var parses = regexp.MustCompile(`\b(squid\b.*-k\s*parse|haproxy\b.*\s-c\b|nginx\b.*\s-t\b|keepalived\b.*\s-t\b)`)

// blindHealth finds health checks of containers that only read the configuration.
func blindHealth(s *deployment.System) (all []Finding) {
	for _, h := range s.Hosts {
		if check := s.Services[h.Service].Health; parses.MatchString(check.Value) {
			all = append(all, Finding{Code: "health-parses-only", At: check.At, What: fmt.Sprintf("the health check of %s only reads the configuration", h.Service),
				Why: "the container stays healthy when the service is dead or hangs", Cure: "a request through the service"})
		}
	}
	return all
}

// checkRace finds a script of keepalived that asks through a balancer and can fail before the balancer has left out a dead server: the
// address then moves for nothing. The last check that decides must start after the balancer's latest detection.
func checkRace(s *deployment.System) (all []Finding) {
	for _, h := range s.Hosts {
		if h.Keepalived == nil || h.HAProxy == nil {
			continue
		}
		for _, script := range h.Keepalived.Scripts {
			p, server := promise.AsksThrough(s, h, script)
			if p == nil {
				continue
			}
			check := p.CheckOf(server)
			f := policy.Blackholed
			if check.Sees(policy.Frozen) {
				f = policy.Frozen
			}
			down := check.BalancerDown(f)
			starts := policy.Check{Interval: script.Interval.Value, Fall: script.Fall.Value}.ScriptDown(policy.Refused).Lo
			if starts >= down.Hi {
				continue
			}
			all = append(all, Finding{
				Code: "check-race", At: script.Name.At,
				What: fmt.Sprintf("script %s asks through HAProxy and decides after %s, and HAProxy needs up to %s to leave out a %s server (%s)", script.Name.Value, starts, down.Hi, f, server.At),
				Why:  "the script fails while HAProxy still uses the dead server, and the address moves for nothing",
				Cure: fmt.Sprintf("fall %d, or faster checks of HAProxy", int((down.Hi+script.Interval.Value-1)/script.Interval.Value)+1),
			})
		}
	}
	return all
}

// pacDirect finds lists of PAC files that end in DIRECT.
func pacDirect(s *deployment.System) (all []Finding) {
	for _, e := range s.Users {
		for _, list := range s.PACs[e.PAC] {
			if last := list.Hops[len(list.Hops)-1]; last.Direct() && !slices.ContainsFunc(all, func(f Finding) bool { return f.At.File == e.PAC }) {
				all = append(all, Finding{
					Code: "pac-direct", At: list.At, What: fmt.Sprintf("the list of %s ends in DIRECT: %s", list.Name(), list),
					Why: "when all proxies are dead, browsers go past them, and stay there for minutes after the repair", Cure: "leave DIRECT out, unless users may go past the proxies",
				})
			}
		}
	}
	return all
}

// membersDiffer finds nodes that share a virtual address and serve it by different servers.
func membersDiffer(s *deployment.System) (all []Finding) {
	for _, r := range keepalived.Routers(promise.Members(s)) {
		var first *deployment.Host
		for _, m := range r.Members {
			h, _ := s.Find(m.Node.Name)
			if h == nil || h.HAProxy == nil {
				continue
			}
			if first == nil {
				first = h
				continue
			}
			for _, p := range h.HAProxy.Proxies {
				other := first.HAProxy.Serving(p.Name)
				if other != nil && len(p.Servers) > 0 && servers(p) != servers(other) {
					all = append(all, Finding{
						Code: "members-differ", At: p.At, What: fmt.Sprintf("%s of %s has the servers %s, and %s has %s (%s)", p.Name, h.Name, servers(p), first.Name, servers(other), other.At),
						Why: "users reach other servers once the address moves", Cure: "the same servers in both files, or another name",
					})
				}
			}
		}
	}
	return all
}

func servers(p *haproxy.Proxy) string {
	var words []string
	for _, s := range p.Servers {
		words = append(words, fmt.Sprintf("%s:%d", s.Host, s.Port))
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}

// parentForAll finds a single parent on which several Squids depend.
func parentForAll(s *deployment.System) (all []Finding) {
	var at configtext.Pos
	hosts, squids := map[string]bool{}, 0
	for _, h := range s.Hosts {
		if h.Squid == nil || !h.Squid.OnlyParents() {
			continue
		}
		squids++
		for _, p := range h.Squid.Parents() {
			hosts[p.Host.Value], at = true, p.Host.At
		}
	}
	if squids < 2 || len(hosts) != 1 {
		return nil
	}
	return []Finding{{Code: "one-parent-for-all", At: at, What: fmt.Sprintf("%d Squids must leave by the same parent", squids),
		Why: "its loss stops all of them: they are no redundancy for each other", Cure: "a second cache_peer parent"}}
}

// untracked finds a service behind a virtual address that no track of its instance watches, though the instance tracks others.
func untracked(s *deployment.System) (all []Finding) {
	for _, u := range promise.Untracked(s) {
		all = append(all, Finding{
			Code: "service-untracked", At: u.At, What: fmt.Sprintf("%s of %s serves %s, and no track of %s fails if it dies", u.Engine, u.Node, u.Entry, u.Instance),
			Why: "the address stays on a node where nothing answers", Cure: "a vrrp_script that asks it, in track_script",
		})
	}
	return all
}
