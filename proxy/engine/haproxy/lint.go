package haproxy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// finding is short here.
type finding = configtext.Finding

// rules are those of one proxy, in the order of their findings.
var rules = []func(*Config, *Proxy) []finding{unchecked, unseen, elsewhere, longTimeout, unusedTimeout, staying, untried, sameAgain,
	single, idleBackups, twice, resolvedOnce, endless, unknownBackend, unused}

// Lint gives what is dangerous or without effect in a configuration that HAProxy accepts. Rules that need other files, such as two layers of
// checks that race, belong to the package that lays out a deployment.
func (c *Config) Lint() (all []finding) {
	for _, p := range c.Proxies {
		if p.Disabled.Value {
			continue
		}
		for _, rule := range rules {
			all = append(all, rule(c, p)...)
		}
	}
	return all
}

// list joins the names of servers, at most five.
func list(servers []*Server) string {
	var names []string
	for _, s := range servers[:min(5, len(servers))] {
		names = append(names, s.Name)
	}
	if len(servers) > 5 {
		names = append(names, "...")
	}
	return strings.Join(names, ", ")
}

// both gives all servers that are not disabled.
func (p *Proxy) both() []*Server {
	serving, backups := p.Active()
	return append(slices.Clip(serving), backups...)
}

// having gives the servers for which a condition holds.
func having(servers []*Server, holds func(*Server) bool) (some []*Server) {
	for _, s := range servers {
		if holds(s) {
			some = append(some, s)
		}
	}
	return some
}

// checked gives the servers that the checks of the proxy itself decide about.
func (p *Proxy) checked() []*Server {
	return having(p.both(), func(s *Server) bool { return s.Check.Value && s.Track.Value == "" })
}

// unchecked finds servers of several that nothing takes out of service.
func unchecked(_ *Config, p *Proxy) []finding {
	all := p.both()
	some := having(all, func(s *Server) bool { return !s.Check.Value && s.Track.Value == "" })
	if len(all) < 2 || len(some) == 0 {
		return nil
	}
	why := "HAProxy goes on sending it its share of new connections while it is dead"
	if p.Redispatch.Value == 0 || p.SameAgain() {
		why += ", and they fail"
	}
	return []finding{{Code: "no-server-check", At: some[0].At, What: fmt.Sprintf("no check of server %s in %s %s", list(some), p.Kind, p.Name), Why: why,
		Cure: "check, with inter, fall and rise, on the server lines or in default-server"}}
}

// unseen finds checks that a frozen service passes.
func unseen(_ *Config, p *Proxy) []finding {
	some := having(p.checked(), func(s *Server) bool { return !p.Answers() && !p.handshake(s) })
	if len(some) == 0 {
		return nil
	}
	return []finding{{Code: "hang-undetected", At: some[0].Check.At, What: fmt.Sprintf("the check of server %s in %s %s only connects", list(some), p.Kind, p.Name),
		Why:  "the kernel still accepts connections for a program that is frozen, so the server stays up",
		Cure: "option httpchk, or option tcp-check with a tcp-check expect rule"}}
}

// elsewhere finds checks that ask another port, or another address, than the one that serves.
func elsewhere(_ *Config, p *Proxy) []finding {
	some := having(p.checked(), func(s *Server) bool {
		port := p.CheckedPort(s)
		return port > 0 && s.Port > 0 && port != s.Port || s.CheckAddr.Value != s.Host
	})
	if len(some) == 0 {
		return nil
	}
	s := some[0]
	asked := fmt.Sprintf("%s:%d", s.CheckAddr.Value, p.CheckedPort(s))
	return []finding{{Code: "check-elsewhere", At: s.Check.At, What: fmt.Sprintf("the check of server %s in %s %s asks %s, and users go to %s:%d", list(some), p.Kind, p.Name, asked, s.Host, s.Port),
		Why: "the server stays up when the service of the users is dead and the one that is asked lives", Cure: "a check of the service itself, or one that answers only if the service does"}}
}

// longTimeout finds a timeout check that is longer than inter, where the service must answer.
func longTimeout(_ *Config, p *Proxy) []finding {
	check := p.Timeouts.Check
	some := having(p.checked(), func(s *Server) bool { return check.Value > s.Inter.Value && p.Answers() && !p.handshake(s) })
	if len(some) == 0 {
		return nil
	}
	s := some[0]
	c := p.CheckOf(s)
	slow := c.BalancerFail(policy.Frozen)
	return []finding{{Code: "check-timeout-long", At: check.At, What: fmt.Sprintf("timeout check %s is longer than inter %s of server %s in %s %s", check.Value, s.Inter.Value, list(some), p.Kind, p.Name),
		Why:  fmt.Sprintf("a check of a frozen service takes %s to fail, and the next begins inter later: fall %d of them take up to %s", slow, s.Fall.Value, c.BalancerDown(policy.Frozen).Hi),
		Cure: "timeout check below inter"}}
}

// unusedTimeout finds a timeout check that no check of the proxy uses: they only connect.
func unusedTimeout(_ *Config, p *Proxy) []finding {
	check := p.Timeouts.Check
	some := p.checked()
	if !check.Set() || len(some) == 0 || slices.ContainsFunc(some, func(s *Server) bool { return p.Answers() }) {
		return nil
	}
	s := some[0]
	limit := p.CheckOf(s).BalancerFail(policy.Blackholed)
	return []finding{{Code: "check-timeout-unused", At: check.At, What: fmt.Sprintf("timeout check %s limits no check of %s %s", check.Value, p.Kind, p.Name),
		Why:  fmt.Sprintf("the checks only connect, and timeout connect and inter limit that: %s for server %s", limit, s.Name),
		Cure: "a shorter timeout connect, or a check that wants an answer"}}
}

// staying finds several servers without redispatch.
func staying(_ *Config, p *Proxy) []finding {
	all, _ := p.Active()
	if len(all) < 2 || p.Redispatch.Value != 0 {
		return nil
	}
	at := all[0].At
	if p.Redispatch.Set() {
		at = p.Redispatch.At
	}
	why := "a connection that fails is tried with the same server again, and then it fails, although others live"
	if p.Cookie.Value != "" {
		why += "; a user whose cookie names a dead server stays with it until it is down"
	}
	return []finding{{Code: "no-redispatch", At: at, What: fmt.Sprintf("%s %s has %d servers and no option redispatch", p.Kind, p.Name, len(all)), Why: why, Cure: "option redispatch"}}
}

// untried finds retries 0.
func untried(_ *Config, p *Proxy) []finding {
	if len(p.both()) == 0 || p.Retries.Value != 0 {
		return nil
	}
	why := "a connection that fails is not tried again"
	if p.Redispatch.Value != 0 {
		why += ", so option redispatch has no effect"
	}
	return []finding{{Code: "no-retries", At: p.Retries.At, What: fmt.Sprintf("retries 0 in %s %s", p.Kind, p.Name), Why: why, Cure: "retries 2 or more"}}
}

// sameAgain finds a hash that gives a redispatched connection the dead server again.
func sameAgain(_ *Config, p *Proxy) []finding {
	serving, _ := p.Active()
	if len(serving) < 2 || p.Redispatch.Value == 0 || !p.SameAgain() {
		return nil
	}
	return []finding{{Code: "same-server-again", At: p.Balance.At, What: fmt.Sprintf("balance %s with a map-based hash in %s %s", p.Balance.Value, p.Kind, p.Name),
		Why:  "the hash is over the servers that are up: until a check takes a dead server down, option redispatch gives its users the same server again",
		Cure: "hash-type consistent"}}
}

// single finds a proxy with one server.
func single(_ *Config, p *Proxy) []finding {
	all := p.both()
	if len(all) != 1 {
		return nil
	}
	return []finding{{Code: "single-server", At: all[0].At, What: fmt.Sprintf("%s %s has one server, %s", p.Kind, p.Name, all[0].Name),
		Why: "nothing serves its users when that server is lost", Cure: "a second server"}}
}

// idleBackups finds backup servers of which only the first serves.
func idleBackups(_ *Config, p *Proxy) []finding {
	_, backups := p.Active()
	if len(backups) < 2 || p.AllBackups.Value {
		return nil
	}
	return []finding{{Code: "one-backup-serves", At: backups[1].Backup.At, What: fmt.Sprintf("%s %s has %d backup servers and no option allbackups", p.Kind, p.Name, len(backups)),
		Why: fmt.Sprintf("only %s, or the first one of them that is up, serves; all users go to it", backups[0].Name), Cure: "option allbackups, if one of them alone cannot carry all users"}}
}

// twice finds two servers of one name.
func twice(_ *Config, p *Proxy) (all []finding) {
	first := map[string]*Server{}
	for _, s := range p.Servers {
		if other := first[s.Name]; other != nil && !s.Template {
			all = append(all, finding{Code: "server-name-twice", At: s.At, What: fmt.Sprintf("%s %s has two servers %s", p.Kind, p.Name, s.Name),
				Why: fmt.Sprintf("logs, statistics and track name one of them only; the other is at line %d", other.At.Line), Cure: "another name"})
			continue
		}
		first[s.Name] = s
	}
	return all
}

// resolvedOnce finds servers whose names must resolve before HAProxy starts, or are never resolved again.
func resolvedOnce(_ *Config, p *Proxy) (all []finding) {
	named := having(p.both(), (*Server).Named)
	must := having(named, func(s *Server) bool { return !startsWithout(s.InitAddr.Value) })
	once := having(named, func(s *Server) bool { return s.Resolvers.Value == "" && startsWithout(s.InitAddr.Value) })
	if len(must) > 0 {
		all = append(all, finding{Code: "name-at-start", At: must[0].At, What: fmt.Sprintf("server %s in %s %s has a name as its address, and no init-addr with none", list(must), p.Kind, p.Name),
			Why: "HAProxy does not start while the name does not resolve", Cure: "init-addr last,libc,none, and resolvers"})
	}
	if len(once) > 0 {
		all = append(all, finding{Code: "name-once", At: once[0].At, What: fmt.Sprintf("server %s in %s %s has a name as its address, and no resolvers", list(once), p.Kind, p.Name),
			Why: "HAProxy resolves the name at its start only: it does not follow a new address, and a server without one stays down", Cure: "resolvers, with a resolvers section"})
	}
	return all
}

// startsWithout tells whether HAProxy starts if the name does not resolve: none or an address is the last resort.
func startsWithout(initAddr string) bool {
	for method := range strings.SplitSeq(initAddr, ",") {
		if method != "last" && method != "libc" {
			return true
		}
	}
	return false
}

// endless finds timeouts that are missing.
func endless(_ *Config, p *Proxy) []finding {
	var missing []string
	add := func(name string, t Setting[time.Duration], needed bool) {
		if needed && t.Value == 0 {
			missing = append(missing, "timeout "+name)
		}
	}
	serves := len(p.both()) > 0
	add("connect", p.Timeouts.Connect, serves)
	add("client", p.Timeouts.Client, len(p.Binds) > 0)
	add("server", p.Timeouts.Server, serves)
	if len(missing) == 0 {
		return nil
	}
	return []finding{{Code: "no-timeout", At: p.At, What: fmt.Sprintf("%s %s has no %s", p.Kind, p.Name, strings.Join(missing, ", ")),
		Why: "a connection to a silent host waits until the kernel gives up, or for ever", Cure: strings.Join(missing, " and ") + ", here or in defaults"}}
}

// unknownBackend finds targets that do not exist.
func unknownBackend(c *Config, p *Proxy) (all []finding) {
	check := func(name string, at Pos) {
		if name == "" || computed(name) || c.Serving(name) != nil {
			return
		}
		all = append(all, finding{Code: "unknown-backend", At: at, What: fmt.Sprintf("%s %s sends users to %s, which no backend or listen section has as its name", p.Kind, p.Name, name),
			Why: "HAProxy refuses to start", Cure: "the name of a backend"})
	}
	for _, u := range p.Uses {
		check(u.Target, u.At)
	}
	check(p.Default.Value, p.Default.At)
	return all
}

// unused finds a backend to which no rule sends users. A rule whose target is computed may name any.
func unused(c *Config, p *Proxy) []finding {
	if p.Kind != Backend || c.targets[p.Name] || c.targets[""] {
		return nil
	}
	return []finding{{Code: "unused-backend", At: p.At, What: fmt.Sprintf("no use_backend or default_backend names backend %s", p.Name), Why: "its servers serve nobody", Cure: "a rule that uses it, or no such section"}}
}
