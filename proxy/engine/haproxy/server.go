package haproxy

import (
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// defaults are those of HAProxy 2.6 (configuration manual, 5.2).
func (s *Server) defaults() {
	s.Inter.Value = 2 * time.Second
	s.Fall.Value, s.Rise.Value = 3, 2
	s.AgentInter.Value = 2 * time.Second
	s.Observe.Value, s.ErrorLimit.Value, s.OnError.Value = "none", 10, "fail-check"
	s.Weight.Value = 1
	s.Verify.Value = "required"
	s.InitAddr.Value = "last,libc"
}

// resolve gives settings that the file leaves out the value of those they follow.
func (s *Server) resolve() {
	follow(&s.FastInter, s.Inter)
	follow(&s.DownInter, s.Inter)
	follow(&s.CheckPort, Setting[int]{Value: s.Port})
	follow(&s.CheckAddr, Setting[string]{Value: s.Host})
	follow(&s.AgentAddr, Setting[string]{Value: s.Host})
	if elsewhere := s.CheckPort.Set() || s.CheckAddr.Set(); !elsewhere {
		follow(&s.CheckSSL, s.SSL)
		follow(&s.CheckSendProxy, Setting[bool]{Value: s.SendProxy.Value != ""})
	}
}

// server reads a server line.
func (r *reader) server(d *draft, s statement) {
	if r.has(s, 2) {
		r.addServer(d, s.Arg(0), s.Arg(1), s.Args()[2:])
	}
}

// addServer adds a server; nil if there are too many.
func (r *reader) addServer(d *draft, name, at configtext.Word, options []configtext.Word) *Server {
	if r.servers++; r.servers > maxServers {
		if r.servers == maxServers+1 {
			r.tooMany(statement{Words: []configtext.Word{name}}, "servers", maxServers)
		}
		return nil
	}
	one := d.DefaultServer
	one.Name, one.At = name.Text, name.At
	a := r.place("server "+name.Text, at)
	one.Host, one.Port, one.Path, one.Shift = a.host, a.low, a.path, a.shift
	r.options(&one, options)
	d.Servers = append(d.Servers, &one)
	return &one
}

// template reads server-template PREFIX NUMBER|RANGE ADDRESS: the servers PREFIX1, PREFIX2, ...
func (r *reader) template(d *draft, s statement) {
	if !r.has(s, 3) {
		return
	}
	first, last, ok := numbers(s.Arg(1).Text)
	switch {
	case r.varies(s.Arg(1)):
		r.notKnown("server-template "+s.Arg(0).Text, s.Arg(1))
		return
	case !ok:
		r.refuse(s.Arg(1), "server-template %s: want a number of servers, or a range such as 1-5", s.Arg(1).Text)
		return
	}
	r.addServers(d, s, first, last)
}

func (r *reader) addServers(d *draft, s statement, first, last int) {
	var model *Server
	for n := first; n <= last; n++ {
		name := s.Arg(0)
		name.Text += strconv.Itoa(n)
		if model == nil {
			if model = r.addServer(d, name, s.Arg(2), s.Args()[3:]); model == nil {
				return
			}
			model.Template = true
			continue
		}
		if r.servers++; r.servers > maxServers {
			r.tooMany(s, "servers", maxServers)
			return
		}
		one := *model
		one.Name = name.Text
		d.Servers = append(d.Servers, &one)
	}
}

// numbers reads N, from 1 to N, or FIRST-LAST.
func numbers(text string) (first, last int, ok bool) {
	low, high, ranged := strings.Cut(text, "-")
	if !ranged {
		low, high = "1", low
	}
	first, err := strconv.Atoi(low)
	last, err2 := strconv.Atoi(high)
	return first, last, err == nil && err2 == nil && first >= 0 && last >= first
}

// option is a keyword of a server line, with so many arguments.
type option struct {
	args int
	read func(*reader, *Server, configtext.Word, []configtext.Word)
	why  string // it may change an answer; read is nil
}

func times(field func(*Server) *Setting[time.Duration]) option {
	return option{args: 1, read: func(r *reader, s *Server, w configtext.Word, v []configtext.Word) { r.span(field(s), w.Text, v[0]) }}
}

func counts(field func(*Server) *Setting[int]) option {
	return option{args: 1, read: func(r *reader, s *Server, w configtext.Word, v []configtext.Word) { r.number(field(s), w.Text, v[0]) }}
}

func texts(field func(*Server) *Setting[string]) option {
	return option{args: 1, read: func(r *reader, s *Server, w configtext.Word, v []configtext.Word) { r.text(field(s), w.Text, v[0]) }}
}

func flags(field func(*Server) *Setting[bool], value bool) option {
	return option{read: func(_ *reader, s *Server, w configtext.Word, _ []configtext.Word) {
		*field(s) = given(value, w.At)
	}}
}

func proxyHeader(version string) option {
	return option{read: func(_ *reader, s *Server, w configtext.Word, _ []configtext.Word) {
		s.SendProxy = given(version, w.At)
	}}
}

// serverOptions are the keywords that are modelled, and those that may change an answer.
var serverOptions = map[string]option{
	"check":                flags(func(s *Server) *Setting[bool] { return &s.Check }, true),
	"no-check":             flags(func(s *Server) *Setting[bool] { return &s.Check }, false),
	"check-ssl":            flags(func(s *Server) *Setting[bool] { return &s.CheckSSL }, true),
	"no-check-ssl":         flags(func(s *Server) *Setting[bool] { return &s.CheckSSL }, false),
	"check-send-proxy":     flags(func(s *Server) *Setting[bool] { return &s.CheckSendProxy }, true),
	"no-check-send-proxy":  flags(func(s *Server) *Setting[bool] { return &s.CheckSendProxy }, false),
	"agent-check":          flags(func(s *Server) *Setting[bool] { return &s.Agent }, true),
	"no-agent-check":       flags(func(s *Server) *Setting[bool] { return &s.Agent }, false),
	"backup":               flags(func(s *Server) *Setting[bool] { return &s.Backup }, true),
	"no-backup":            flags(func(s *Server) *Setting[bool] { return &s.Backup }, false),
	"disabled":             flags(func(s *Server) *Setting[bool] { return &s.Disabled }, true),
	"enabled":              flags(func(s *Server) *Setting[bool] { return &s.Disabled }, false),
	"ssl":                  flags(func(s *Server) *Setting[bool] { return &s.SSL }, true),
	"no-ssl":               flags(func(s *Server) *Setting[bool] { return &s.SSL }, false),
	"send-proxy":           proxyHeader("v1"),
	"send-proxy-v2":        proxyHeader("v2"),
	"send-proxy-v2-ssl":    proxyHeader("v2"),
	"send-proxy-v2-ssl-cn": proxyHeader("v2"),
	"no-send-proxy":        proxyHeader(""),
	"no-send-proxy-v2":     proxyHeader(""),
	"port":                 counts(func(s *Server) *Setting[int] { return &s.CheckPort }),
	"addr":                 texts(func(s *Server) *Setting[string] { return &s.CheckAddr }),
	"inter":                times(func(s *Server) *Setting[time.Duration] { return &s.Inter }),
	"fastinter":            times(func(s *Server) *Setting[time.Duration] { return &s.FastInter }),
	"downinter":            times(func(s *Server) *Setting[time.Duration] { return &s.DownInter }),
	"fall":                 counts(func(s *Server) *Setting[int] { return &s.Fall }),
	"rise":                 counts(func(s *Server) *Setting[int] { return &s.Rise }),
	"track":                texts(func(s *Server) *Setting[string] { return &s.Track }),
	"agent-addr":           texts(func(s *Server) *Setting[string] { return &s.AgentAddr }),
	"agent-port":           counts(func(s *Server) *Setting[int] { return &s.AgentPort }),
	"agent-inter":          times(func(s *Server) *Setting[time.Duration] { return &s.AgentInter }),
	"observe":              texts(func(s *Server) *Setting[string] { return &s.Observe }),
	"error-limit":          counts(func(s *Server) *Setting[int] { return &s.ErrorLimit }),
	"on-error":             texts(func(s *Server) *Setting[string] { return &s.OnError }),
	"weight":               counts(func(s *Server) *Setting[int] { return &s.Weight }),
	"maxconn":              counts(func(s *Server) *Setting[int] { return &s.MaxConn }),
	"minconn":              counts(func(s *Server) *Setting[int] { return &s.MinConn }),
	"maxqueue":             counts(func(s *Server) *Setting[int] { return &s.MaxQueue }),
	"slowstart":            times(func(s *Server) *Setting[time.Duration] { return &s.SlowStart }),
	"on-marked-down":       texts(func(s *Server) *Setting[string] { return &s.OnMarkedDown }),
	"on-marked-up":         texts(func(s *Server) *Setting[string] { return &s.OnMarkedUp }),
	"cookie":               texts(func(s *Server) *Setting[string] { return &s.Cookie }),
	"verify":               texts(func(s *Server) *Setting[string] { return &s.Verify }),
	"ca-file":              texts(func(s *Server) *Setting[string] { return &s.CAFile }),
	"sni":                  texts(func(s *Server) *Setting[string] { return &s.SNI }),
	"socks4":               texts(func(s *Server) *Setting[string] { return &s.Socks4 }),
	"redir":                texts(func(s *Server) *Setting[string] { return &s.Redir }),
	"resolvers":            texts(func(s *Server) *Setting[string] { return &s.Resolvers }),
	"init-addr":            texts(func(s *Server) *Setting[string] { return &s.InitAddr }),
	"source":               texts(func(s *Server) *Setting[string] { return &s.Source }),
	"tcp-ut":               {args: 1, why: "open connections to a silent server end after this time"},
	"check-via-socks4":     {why: "the check takes another way"},
	"init-state":           {args: 1, why: "it sets the state of the server at the start"},
}

// harmlessArguments are keywords of a server line with an argument that change no answer; harmlessFlags are those without.
var (
	harmlessArguments = set(`agent-send alpn check-alpn check-proto check-sni ciphers ciphersuites crl-file crt curves id log-proto max-reuse
		namespace npn pool-low-conn pool-max-conn pool-purge-delay proto proxy-v2-options resolve-net resolve-opts resolve-prefer ssl-max-ver
		ssl-min-ver usesrc interface verifyhost ws sigalgs client-sigalgs guid shard pool-conn-name hash-key log-bufsize set-proxy-v2-tlv-fmt`)
	harmlessFlags = set(`allow-0rtt force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13 no-send-proxy-v2-ssl no-send-proxy-v2-ssl-cn
		no-ssl-reuse no-sslv3 no-tfo no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 no-verifyhost non-stick ssl-reuse sslv3 stick tfo
		tls-tickets tlsv10 tlsv11 tlsv12 tlsv13 strict-maxconn`)
)

// options reads the keywords of a server or default-server line.
func (r *reader) options(s *Server, words []configtext.Word) {
	for len(words) > 0 {
		w := words[0]
		words = words[1:]
		o, known := serverOptions[w.Text]
		switch {
		case harmlessFlags[w.Text]:
			continue
		case harmlessArguments[w.Text]:
			o.args = 1
		case !known:
			r.unlisted(statement{Words: []configtext.Word{w}}, "server")
		}
		if len(words) < o.args {
			r.refuse(w, "%s has no value", w.Text)
			return
		}
		if o.read != nil {
			o.read(r, s, w, words[:o.args])
		}
		if o.why != "" {
			r.unknown(statement{Words: []configtext.Word{w}}, true, o.why)
		}
		words = words[o.args:]
	}
}

// set gives the words of a text.
func set(text string) map[string]bool {
	all := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		all[w] = true
	}
	return all
}
