package promise

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/deployment"
	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/proxy/engine/haproxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// haproxy gives the outcomes behind a port of an HAProxy: one for each backend that its rules choose and that the fault may concern.
func (st *state) haproxy(h *deployment.Host, port int) (all []outcome) {
	for _, f := range st.fronts(h, port) {
		for _, i := range f.met(st.fault) {
			b := f.backends[i]
			o := st.backend(h, b)
			if len(f.backends) > 1 {
				o.via = "backend " + b.Name
			}
			all = append(all, o)
		}
	}
	return all
}

// listens tells whether a section listens at a port.
func listens(p *haproxy.Proxy, port int) bool {
	return slices.ContainsFunc(p.Binds, func(b haproxy.Bind) bool { return b.Low <= port && port <= max(b.Low, b.High) && !b.UDP })
}

// behind are the sections with the servers of a listener.
func behind(c *haproxy.Config, p *haproxy.Proxy) (all []*haproxy.Proxy) {
	if p.Kind == haproxy.Listen && len(p.Servers) > 0 {
		all = append(all, p)
	}
	for _, name := range append(targets(p.Uses), p.Default.Value) {
		if b := c.Serving(name); b != nil && !slices.Contains(all, b) {
			all = append(all, b)
		}
	}
	return all
}

func targets(uses []haproxy.Use) (names []string) {
	for _, u := range uses {
		names = append(names, u.Target)
	}
	return names
}

// server is a server of a backend, with its state.
type server struct {
	*haproxy.Server
	host *deployment.Host // nil: not of the deployment
	mode policy.Failure
	down bool // the fault hits it
}

// backend gives the outcome for the users of a backend.
func (st *state) backend(h *deployment.Host, p *haproxy.Proxy) outcome {
	g := st.group(p)
	if g.slow {
		return st.eachServer(h, p)
	}
	hit := st.hitOf(g, g.usersOn)
	if len(hit) == 0 {
		return st.downstream(g.dependencies)
	}
	return st.struck(h, p, hit, g.users, len(g.all)-len(st.hitOf(g, g.on)))
}

// eachServer is the outcome of a backend with servers that a check may refuse while they are well.
func (st *state) eachServer(h *deployment.Host, p *haproxy.Proxy) outcome {
	serving, backups := p.Active()
	users := st.servers(p, serving)
	if len(users) == 0 {
		users = st.servers(p, backups)
	}
	if algorithm(p) == "first" && len(users) > 1 {
		users = users[:1]
	}
	var hit []server
	for _, s := range users {
		if s.down {
			hit = append(hit, s)
		}
	}
	if len(hit) == 0 {
		return st.downstream(users)
	}
	return st.struck(h, p, hit, len(users), st.survivors(p, serving, backups))
}

// survivors counts the servers that the fault leaves.
func (st *state) survivors(p *haproxy.Proxy, serving, backups []*haproxy.Server) (n int) {
	for _, s := range append(st.servers(p, serving), st.servers(p, backups)...) {
		if !s.down {
			n++
		}
	}
	return n
}

// servers gives the state of servers. Those that their check never lets in are left out.
func (st *state) servers(p *haproxy.Proxy, all []*haproxy.Server) (out []server) {
	for _, s := range all {
		if st.refusedByCheck(p, s) {
			continue
		}
		host, _ := st.Find(s.Host)
		mode, down := st.at(host, s.Port)
		out = append(out, server{s, host, mode, down})
	}
	return out
}

// refusedByCheck tells whether a server that is well never passes its check: an nginx answers the path itself, with another status than the
// check expects.
func (st *state) refusedByCheck(p *haproxy.Proxy, s *haproxy.Server) bool {
	if p.Probe.Kind.Value != haproxy.HTTPProbe || !s.Check.Value {
		return false
	}
	host, _ := st.Find(s.CheckAddr.Value)
	status := nginxAnswers(host, p.CheckedPort(s), p.Probe.URI)
	if status == 0 {
		return false
	}
	for _, rule := range p.Probe.Rules {
		if want, ok := strings.CutPrefix(rule.Text, "status "); ok && rule.Action == "expect" {
			return strings.TrimSpace(want) != fmt.Sprint(status)
		}
	}
	return status < 200 || status > 399
}

// downstream is the outcome behind servers that the fault does not hit themselves.
func (st *state) downstream(users []server) outcome {
	var all []outcome
	for _, s := range users {
		if s.host != nil {
			all = append(all, st.service(s.host, s.Port)...)
		}
	}
	return worse(all)
}

// struck is the outcome where servers of the users are hit.
func (st *state) struck(h *deployment.Host, p *haproxy.Proxy, hit []server, users, survivors int) outcome {
	o := outcome{struck: true}
	for _, s := range hit {
		one := st.detection(h.HAProxy, p, s)
		if longer(o.detect, one.detect) != o.detect || !o.detect.Known {
			o.detect, o.back, o.terms, o.why = one.detect, one.back, one.terms, one.why
		}
	}
	wait, elsewhere := redispatch(p, hit[0].mode)
	o.users = meanwhile(p, hit, users, wait, elsewhere && survivors > 0)
	switch {
	case survivors == 0:
		o.failover, o.why = never, "no other server of "+p.Name
	case elsewhere && wait <= Prompt && hit[0].mode == policy.Refused:
		o.failover, o.why = prompt, "a refused connection is redispatched at the first retry"
	default:
		o.failover = o.detect
	}
	return o
}

// detection is how a balancer finds that a server is hit.
func (st *state) detection(c *haproxy.Config, p *haproxy.Proxy, s server) (o outcome) {
	by, checked, ok := c.Checked(p, s.Server)
	if !ok {
		return outcome{detect: never, why: fmt.Sprintf("server %s has no check (%s)", s.Name, s.At)}
	}
	host, known := st.Find(checked.CheckAddr.Value)
	if !known {
		host = s.host
	}
	mode, down := st.at(host, by.CheckedPort(checked))
	check := by.CheckOf(checked)
	switch {
	case !down:
		return outcome{detect: never, why: fmt.Sprintf("the check of %s asks port %d, which goes on answering (%s)", s.Name, by.CheckedPort(checked), checked.CheckPort.At)}
	case !check.Sees(mode):
		return outcome{detect: never, why: fmt.Sprintf("the check of %s only connects, and connecting to a frozen process succeeds (%s)", s.Name, s.At)}
	}
	terms := balancerDown(check, mode, by, checked)
	return outcome{detect: within(check.BalancerDown(mode)), back: within(check.BalancerUp()), terms: terms}
}

// setting words a setting of a file.
func setting[T any](name string, s configtext.Setting[T]) (string, configtext.Pos) {
	var value any = s.Value
	if d, ok := value.(time.Duration); ok {
		value = yamlfile.Span(d)
	}
	text := fmt.Sprintf("%s %v", name, value)
	if !s.Set() {
		text += " (default)"
	}
	return text, s.At
}

// term makes a term of a setting.
func term[T any](text, name string, s configtext.Setting[T], b policy.Bounds) Term {
	t := Term{Text: text, Bounds: b}
	t.Setting, t.At = setting(name, s)
	return t
}

// balancerDown is the formula of HAProxy's detection, term by term: see policy.Check.BalancerDown.
func balancerDown(c policy.Check, mode policy.Failure, p *haproxy.Proxy, s *haproxy.Server) []Term {
	fail, failSetting := c.BalancerFail(mode), failing(c, mode, p, s)
	fast, name := s.FastInter, "fastinter"
	if !s.FastInter.Set() {
		fast, name = s.Inter, "inter"
	}
	again := c.Fall - 1
	terms := []Term{term(fmt.Sprintf("phase 0-%s", yamlfile.Span(c.Interval)), "inter", s.Inter, policy.Bounds{Hi: c.Interval})}
	if fail > 0 {
		failSetting.Text, failSetting.Bounds = "failing check "+yamlfile.Span(fail), policy.Bounds{Lo: fail, Hi: fail}
		terms = append(terms, failSetting)
	}
	if again > 0 {
		wait := time.Duration(again) * fast.Value
		terms = append(terms, term(fmt.Sprintf("pauses (fall %d - 1) x %s", c.Fall, yamlfile.Span(fast.Value)), name, fast, policy.Bounds{Lo: wait, Hi: wait}))
	}
	if again > 0 && fail > 0 {
		wait := time.Duration(again) * fail
		failSetting.Text, failSetting.Bounds = fmt.Sprintf("failing checks (fall %d - 1) x %s", c.Fall, yamlfile.Span(fail)), policy.Bounds{Lo: wait, Hi: wait}
		terms = append(terms, failSetting)
	}
	return terms
}

// failing is the setting that ends a failing check.
func failing(c policy.Check, mode policy.Failure, p *haproxy.Proxy, s *haproxy.Server) Term {
	switch fail := c.BalancerFail(mode); {
	case c.Timeout > 0 && mode == policy.Frozen && fail == c.Timeout:
		return term("", "timeout check", p.Timeouts.Check, policy.Bounds{})
	case c.Timeout > 0 && fail == c.Connect && fail < c.Interval:
		return term("", "timeout connect", p.Timeouts.Connect, policy.Bounds{})
	}
	return term("", "inter", s.Inter, policy.Bounds{})
}

func algorithm(p *haproxy.Proxy) string {
	name, _, _ := strings.Cut(p.Balance.Value, " ")
	name, _, _ = strings.Cut(name, "(")
	return name
}

// turns are the algorithms that leave a failed server at the first retry (stream.c of 2.6, back_handle_st_cer: BE_LB_KIND_RR).
var turns = []string{"roundrobin", "static-rr", "random"}

// retryPause is how long HAProxy waits before it tries the same server again, at most timeout connect (stream.c of 2.6,
// back_handle_st_cer).
const retryPause = time.Second

// redispatch gives the wait of a new connection until HAProxy tries another server; false: it does not, or takes the same one again.
func redispatch(p *haproxy.Proxy, mode policy.Failure) (wait time.Duration, elsewhere bool) {
	retries, every := p.Retries.Value, p.Redispatch.Value
	if mode == policy.Frozen || every == 0 || retries == 0 || p.SameAgain() {
		return 0, false
	}
	nth := every
	if every < 0 {
		nth = retries + 1 + every
	}
	if slices.Contains(turns, algorithm(p)) && p.Cookie.Value == "" {
		nth = 1
	}
	if nth < 1 || nth > retries {
		return 0, false
	}
	return time.Duration(nth)*failedTry(p, mode) + time.Duration(nth-1)*pause(p, mode), true
}

// failedTry is how long one try to connect takes.
func failedTry(p *haproxy.Proxy, mode policy.Failure) time.Duration {
	if mode == policy.Refused {
		return 0
	}
	return p.Timeouts.Connect.Value
}

// pause is the wait before the same server is tried again: none after a timeout.
func pause(p *haproxy.Proxy, mode policy.Failure) time.Duration {
	if mode != policy.Refused {
		return 0
	}
	if c := p.Timeouts.Connect.Value; c > 0 {
		return min(retryPause, c)
	}
	return retryPause
}

// meanwhile says what users see until then.
func meanwhile(p *haproxy.Proxy, hit []server, users int, wait time.Duration, elsewhere bool) string {
	who := fmt.Sprintf("%d of %d servers", len(hit), users)
	if len(hit) == users {
		who = "all new connections"
	}
	mode := hit[0].mode
	ends := time.Duration(p.Retries.Value+1)*failedTry(p, mode) + time.Duration(p.Retries.Value)*pause(p, mode)
	end := "closed"
	if p.Mode.Value == "http" {
		end = "answered 503"
	}
	switch {
	case mode == policy.Frozen:
		return who + ": connecting succeeds, and no answer comes"
	case elsewhere && wait <= Prompt:
		return who + ": redispatched at once; what was open is lost"
	case elsewhere:
		return fmt.Sprintf("%s: connections %s late, by redispatch", who, yamlfile.Span(wait))
	}
	return fmt.Sprintf("%s: connections are %s after %s", who, end, yamlfile.Span(ends))
}
