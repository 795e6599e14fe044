package haproxy

import (
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// statement is short here.
type statement = configtext.Statement

// defaults are those of HAProxy 2.6.
func (p *Proxy) defaults() {
	p.Mode.Value = "tcp"
	p.Retries.Value = 3
	p.RetryOn.Value = "conn-failure"
	p.Balance.Value = "roundrobin"
	p.HashType.Value = "map-based"
	p.Probe = Probe{Kind: Setting[string]{Value: ConnectProbe}, Method: "OPTIONS", URI: "/"}
	p.DefaultServer.defaults()
}

// resolve gives settings that the file leaves out the value of those they follow.
func (p *Proxy) resolve() {
	t := &p.Timeouts
	follow(&t.Queue, t.Connect)
	follow(&t.HTTPRequest, t.Client)
	follow(&t.KeepAlive, t.HTTPRequest)
	for _, s := range p.Servers {
		s.resolve()
	}
}

// follow gives a setting that is not set the value of another.
func follow[T any](s *Setting[T], of Setting[T]) {
	if !s.Set() {
		s.Value = of.Value
	}
}

// proxyWords are the directives of a proxy that are modelled, by one word or by two.
var proxyWords = map[string]func(*reader, *draft, statement){
	"bind": (*reader).bind, "server": (*reader).server, "server-template": (*reader).template,
	"default-server": func(r *reader, d *draft, s statement) { r.options(&d.DefaultServer, s.Args()) },
	"acl":            (*reader).acl, "use_backend": (*reader).use,
	"option redispatch": (*reader).redispatch, "no option redispatch": func(_ *reader, d *draft, s statement) { d.Redispatch = given(0, s.At()) },
	"http-check": (*reader).rule, "tcp-check": (*reader).rule,
	"option httpchk":               (*reader).httpchk,
	"http-check disable-on-404":    flag(func(p *Proxy) *Setting[bool] { return &p.Probe.Drain404 }, true),
	"external-check command":       func(r *reader, d *draft, s statement) { r.text(&d.Probe.Command, key(s), s.Arg(1)) },
	"mode":                         word(func(p *Proxy) *Setting[string] { return &p.Mode }),
	"default_backend":              word(func(p *Proxy) *Setting[string] { return &p.Default }),
	"retry-on":                     rest(func(p *Proxy) *Setting[string] { return &p.RetryOn }),
	"balance":                      (*reader).balance,
	"hash-type":                    rest(func(p *Proxy) *Setting[string] { return &p.HashType }),
	"cookie":                       rest(func(p *Proxy) *Setting[string] { return &p.Cookie }),
	"stick-table":                  rest(func(p *Proxy) *Setting[string] { return &p.StickTable }),
	"monitor-uri":                  word(func(p *Proxy) *Setting[string] { return &p.MonitorURI }),
	"dispatch":                     word(func(p *Proxy) *Setting[string] { return &p.Dispatch }),
	"retries":                      count(func(p *Proxy) *Setting[int] { return &p.Retries }),
	"maxconn":                      count(func(p *Proxy) *Setting[int] { return &p.MaxConn }),
	"fullconn":                     count(func(p *Proxy) *Setting[int] { return &p.FullConn }),
	"disabled":                     flag(func(p *Proxy) *Setting[bool] { return &p.Disabled }, true),
	"enabled":                      flag(func(p *Proxy) *Setting[bool] { return &p.Disabled }, false),
	"stats enable":                 flag(func(p *Proxy) *Setting[bool] { return &p.Stats }, true),
	"stats uri":                    flag(func(p *Proxy) *Setting[bool] { return &p.Stats }, true),
	"redirect":                     flag(func(p *Proxy) *Setting[bool] { return &p.Redirect }, true),
	"option allbackups":            flag(func(p *Proxy) *Setting[bool] { return &p.AllBackups }, true),
	"no option allbackups":         flag(func(p *Proxy) *Setting[bool] { return &p.AllBackups }, false),
	"option persist":               flag(func(p *Proxy) *Setting[bool] { return &p.Persist }, true),
	"no option persist":            flag(func(p *Proxy) *Setting[bool] { return &p.Persist }, false),
	"option prefer-last-server":    flag(func(p *Proxy) *Setting[bool] { return &p.PreferLast }, true),
	"no option prefer-last-server": flag(func(p *Proxy) *Setting[bool] { return &p.PreferLast }, false),
	"option abortonclose":          flag(func(p *Proxy) *Setting[bool] { return &p.Abort }, true),
	"no option abortonclose":       flag(func(p *Proxy) *Setting[bool] { return &p.Abort }, false),
	"stick match":                  (*reader).stick, "stick on": (*reader).stick, "stick store-request": (*reader).stick, "stick store-response": (*reader).stick,
	"option tcp-check": (*reader).probe, "option ssl-hello-chk": (*reader).probe, "option external-check": (*reader).probe,
	"option mysql-check": (*reader).probe, "option pgsql-check": (*reader).probe, "option redis-check": (*reader).probe,
	"option smtpchk": (*reader).probe, "option ldap-check": (*reader).probe, "option spop-check": (*reader).probe,
	"timeout connect":         span(func(t *Timeouts) *Setting[time.Duration] { return &t.Connect }),
	"timeout client":          span(func(t *Timeouts) *Setting[time.Duration] { return &t.Client }),
	"timeout server":          span(func(t *Timeouts) *Setting[time.Duration] { return &t.Server }),
	"timeout check":           span(func(t *Timeouts) *Setting[time.Duration] { return &t.Check }),
	"timeout tunnel":          span(func(t *Timeouts) *Setting[time.Duration] { return &t.Tunnel }),
	"timeout queue":           span(func(t *Timeouts) *Setting[time.Duration] { return &t.Queue }),
	"timeout http-request":    span(func(t *Timeouts) *Setting[time.Duration] { return &t.HTTPRequest }),
	"timeout http-keep-alive": span(func(t *Timeouts) *Setting[time.Duration] { return &t.KeepAlive }),
	"timeout client-fin":      span(func(t *Timeouts) *Setting[time.Duration] { return &t.ClientFin }),
	"timeout server-fin":      span(func(t *Timeouts) *Setting[time.Duration] { return &t.ServerFin }),
	"timeout tarpit":          span(func(t *Timeouts) *Setting[time.Duration] { return &t.Tarpit }),
}

type proxyWord = func(*reader, *draft, statement)

func flag(field func(*Proxy) *Setting[bool], value bool) proxyWord {
	return func(_ *reader, d *draft, s statement) { *field(&d.Proxy) = given(value, s.At()) }
}

func word(field func(*Proxy) *Setting[string]) proxyWord {
	return func(r *reader, d *draft, s statement) {
		if r.has(s, 1) {
			r.text(field(&d.Proxy), s.Name(), s.Arg(0))
		}
	}
}

// rest reads all arguments as one text.
func rest(field func(*Proxy) *Setting[string]) proxyWord {
	return func(r *reader, d *draft, s statement) {
		if r.has(s, 1) {
			*field(&d.Proxy) = given(joined(s.Args()), s.Arg(0).At)
		}
	}
}

func count(field func(*Proxy) *Setting[int]) proxyWord {
	return func(r *reader, d *draft, s statement) {
		if r.has(s, 1) {
			r.number(field(&d.Proxy), s.Name(), s.Arg(0))
		}
	}
}

func span(field func(*Timeouts) *Setting[time.Duration]) proxyWord {
	return func(r *reader, d *draft, s statement) {
		if r.has(s, 2) {
			r.span(field(&d.Timeouts), key(s), s.Arg(1))
		}
	}
}

func joined(words []configtext.Word) string {
	var out []string
	for _, w := range words {
		out = append(out, w.Text)
	}
	return strings.Join(out, " ")
}

// has tells whether a directive has so many arguments, and refuses it otherwise.
func (r *reader) has(s statement, n int) bool {
	if len(s.Args()) >= n {
		return true
	}
	r.refuse(s.Words[0], "%s has no value", key(s))
	return false
}

// proxyLine reads a line of a proxy or of a defaults section.
func (r *reader) proxyLine(d *draft, s statement) {
	negated := s.Name() == "no" && s.Arg(0).Text == "option"
	read := proxyWords[joined(s.Words[:min(2, len(s.Words))])]
	if negated {
		read = proxyWords[joined(s.Words[:min(3, len(s.Words))])]
	}
	if read == nil && !negated {
		read = proxyWords[s.Name()]
	}
	if read != nil {
		read(r, d, s)
	}
	r.judge(d, s, read != nil)
}

// balance reads an algorithm; none is roundrobin.
func (r *reader) balance(d *draft, s statement) {
	d.Balance = given("roundrobin", s.At())
	if len(s.Args()) > 0 {
		d.Balance = given(joined(s.Args()), s.Arg(0).At)
	}
}

// redispatch reads option redispatch [N].
func (r *reader) redispatch(d *draft, s statement) {
	d.Redispatch = given(-1, s.At())
	if len(s.Args()) > 1 {
		r.number(&d.Redispatch, key(s), s.Arg(1))
	}
}

// probe reads the kind of the checks. option httpchk and the others replace each other.
func (r *reader) probe(d *draft, s statement) {
	d.Probe.Kind = given(s.Arg(0).Text, s.At())
}

// httpchk reads option httpchk [[METHOD] URI [VERSION]].
func (r *reader) httpchk(d *draft, s statement) {
	r.probe(d, s)
	d.Probe.Method, d.Probe.URI = "OPTIONS", "/"
	switch args := s.Args()[1:]; len(args) {
	case 0:
	case 1:
		d.Probe.URI = args[0].Text
	default:
		d.Probe.Method, d.Probe.URI = args[0].Text, args[1].Text
	}
}

// rule reads a step of a check. The first of a section replaces those of its defaults section.
func (r *reader) rule(d *draft, s statement) {
	if !r.has(s, 1) || s.Arg(0).Text == "send-state" || s.Arg(0).Text == "comment" {
		return
	}
	if !d.own[s.Name()] {
		d.rules[s.Name()], d.own[s.Name()] = nil, true
	}
	args := s.Args()[1:]
	step := Rule{Action: s.Arg(0).Text, Text: joined(args), At: s.At()}
	for i, w := range args {
		switch next := s.Arg(i + 2); {
		case step.Action == "connect" && w.Text == "port" && !r.varies(next):
			step.Port, _ = port(next.Text)
		case step.Action == "connect" && w.Text == "ssl":
			step.TLS = true
		case step.Action == "send":
			r.send(&d.Probe, s.Name(), w.Text, next.Text)
		}
	}
	d.rules[s.Name()] = append(d.rules[s.Name()], step)
}

// send reads an argument of http-check send.
func (r *reader) send(p *Probe, name, word, next string) {
	switch {
	case name != "http-check":
	case word == "meth":
		p.Method = next
	case word == "uri", word == "uri-lf":
		p.URI = next
	}
}

// bind reads addresses, with their options.
func (r *reader) bind(d *draft, s statement) {
	if !r.has(s, 1) {
		return
	}
	b := Bind{At: s.Arg(0).At}
	r.bindOptions(&b, s.Args()[1:])
	for text := range strings.SplitSeq(s.Arg(0).Text, ",") {
		w := s.Arg(0)
		w.Text = text
		a := r.place("bind", w)
		one := b
		one.Host, one.Low, one.High, one.Path, one.UDP = a.host, a.low, a.high, a.path, a.udp
		d.Binds = append(d.Binds, one)
	}
}

// bindArguments are the options of a bind line that have an argument.
var bindArguments = set(`accept-netscaler-cip alpn backlog ca-file ca-ignore-err ca-sign-file ca-sign-pass ca-verify-file ciphers ciphersuites
	crl-file crt crt-ignore-err crt-list curves ecdhe expose-fd gid group id interface level maxconn mode mss name namespace nice npn process
	proto quic-cc-algo severity-output shards ssl-max-ver ssl-min-ver tcp-ut thread tls-ticket-keys uid user verify`)

// bindFlags are those without.
var bindFlags = set(`accept-proxy allow-0rtt defer-accept force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13 generate-certificates
	no-alpn no-ca-names no-sslv3 no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 prefer-client-ciphers quic-force-retry ssl strict-sni tfo
	transparent v4v6 v6only tls-tickets`)

func (r *reader) bindOptions(b *Bind, words []configtext.Word) {
	for len(words) > 0 {
		w := words[0]
		words = words[1:]
		at := given(true, w.At)
		switch w.Text {
		case "accept-proxy":
			b.AcceptProxy = at
		case "ssl":
			b.SSL = at
		case "transparent":
			b.Transparent = at
		}
		switch {
		case bindFlags[w.Text]:
		case !bindArguments[w.Text]:
			r.unlisted(statement{Words: []configtext.Word{w}}, "bind")
		case len(words) == 0:
			r.refuse(w, "%s has no value", w.Text)
		default:
			r.bindValue(b, w.Text, words[0])
			words = words[1:]
		}
	}
}

func (r *reader) bindValue(b *Bind, option string, w configtext.Word) {
	switch option {
	case "interface":
		r.text(&b.Interface, option, w)
	case "maxconn":
		r.number(&b.MaxConn, option, w)
	}
}

// acl reads a condition with its name.
func (r *reader) acl(d *draft, s statement) {
	if r.has(s, 2) {
		d.ACLs = append(d.ACLs, ACL{Name: s.Arg(0).Text, Text: joined(s.Args()[1:]), At: s.Arg(0).At})
	}
}

// use reads use_backend.
func (r *reader) use(d *draft, s statement) {
	if !r.has(s, 1) {
		return
	}
	condition := s.Args()[1:]
	d.Uses = append(d.Uses, Use{Target: s.Arg(0).Text, Condition: joined(condition), ACLs: names(condition), At: s.Arg(0).At})
}

// names gives the ACLs in a condition, each once.
func names(condition []configtext.Word) (all []string) {
	inside := false
	for i, w := range condition {
		name := strings.TrimLeft(w.Text, "!")
		switch {
		case i == 0, name == "", name == "or", name == "||":
		case name == "{", name == "}":
			inside = name == "{"
		case !inside && !slices.Contains(all, name):
			all = append(all, name)
		}
	}
	return all
}

// stick reads a rule that keeps users at a server.
func (r *reader) stick(d *draft, s statement) {
	d.Sticks = append(d.Sticks, given(joined(s.Args()), s.At()))
}
