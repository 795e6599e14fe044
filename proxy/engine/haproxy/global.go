package haproxy

import (
	"slices"
	"strings"
	"time"
)

// harmlessGlobal are the directives of the global section that change no answer.
var harmlessGlobal = phrases(`busy-polling; ca-base; cluster-secret; cpu-map; crt-base; default-path; description; 
	expose-experimental-directives; external-check; fd-hard-limit; h1-accept-payload-with-any-method; h1-case-adjust; h1-case-adjust-file;
	h2-workaround-bogus-websocket-clients; httpclient.resolvers.id; httpclient.resolvers.prefer; httpclient.ssl.ca-file; httpclient.ssl.verify;
	httpclient.resolvers.disabled; insecure-fork-wanted; insecure-setuid-wanted; issuers-chain-path; localpeer; log; log-send-hostname; log-tag;
	master-worker; max-spread-checks; maxcompcpuusage; maxcomprate; maxpipes; maxzlibmem; mworker-max-reloads; no; no-memory-trimming; node;
	noepoll; noevports; nogetaddrinfo; nokqueue; nopoll; noreuseport; nosplice; numa-cpu-mapping; pidfile; pp2-never-send-local; presetenv;
	profiling.memory; profiling.tasks; quick-exit; resetenv; server-state-base; set-dumpable; set-var; set-var-fmt; setenv; ssl-default-bind-ciphers;
	ssl-default-bind-ciphersuites; ssl-default-bind-curves; ssl-default-bind-options; ssl-default-server-ciphers;
	ssl-default-server-ciphersuites; ssl-default-server-options; ssl-dh-param-file; ssl-engine; ssl-load-extra-del-ext; ssl-load-extra-files;
	ssl-mode-async; ssl-propquery; ssl-provider; ssl-provider-path; ssl-server-verify; ssl-skip-self-issued-ca; stats timeout; stats maxconn;
	stats bind-process; strict-limits; thread-group; thread-groups; ulimit-n; unix-bind; unsetenv; zero-warning; prealloc-fd; h2-workaround-bogus-websocket-clients;
	harden.reject-privileged-ports.tcp; harden.reject-privileged-ports.quic; limited-quic; no-quic; debug; quiet`)

// changesGlobal are those that may.
var changesGlobal = map[string]string{
	"spread-checks": "the intervals of checks vary by so many percent", "server-state-file": "servers begin with the state of an earlier run",
	"maxconnrate": "connections above the rate wait", "maxsessrate": "sessions above the rate wait", "maxsslrate": "TLS sessions above the rate wait",
	"maxsslconn": "TLS connections above the limit wait", "nbproc": "each process checks for itself", "grace": "a stop takes longer",
	"close-spread-time": "idle connections end over this time when HAProxy stops", "lua-load": "a program may do anything",
	"lua-load-per-thread": "a program may do anything", "lua-prepend-path": "a program may do anything",
}

// global reads a line of the global section.
func (r *reader) global(s statement) {
	g := &r.cfg.Global
	switch s.Name() {
	case "nbthread":
		r.globalNumber(&g.Threads, s)
	case "maxconn":
		r.globalNumber(&g.MaxConn, s)
	case "user", "uid":
		r.text(&g.User, s.Name(), s.Arg(0))
	case "group", "gid":
		r.text(&g.Group, s.Name(), s.Arg(0))
	case "chroot":
		r.text(&g.Chroot, s.Name(), s.Arg(0))
	case "daemon":
		g.Daemon = given(true, s.At())
	case "hard-stop-after":
		if r.has(s, 1) {
			r.span(&g.HardStop, s.Name(), s.Arg(0))
		}
	default:
		r.globalRest(g, s)
	}
}

func (r *reader) globalNumber(into *Setting[int], s statement) {
	if r.has(s, 1) {
		r.number(into, s.Name(), s.Arg(0))
	}
}

// globalRest reads lines of the global section with several words.
func (r *reader) globalRest(g *Global, s statement) {
	switch s.Name() {
	case "spread-checks":
		r.globalNumber(&g.Spread, s)
	case "setenv", "presetenv":
		if r.has(s, 2) {
			r.env[s.Arg(0).Text] = s.Arg(1).Text
		}
	case "crt-base":
		r.crtBase = s.Arg(0).Text
	case "ca-base":
		r.caBase = s.Arg(0).Text
	}
	why, may := changesGlobal[s.Name()]
	switch {
	case s.Name() == "stats" && s.Arg(0).Text == "socket":
		g.Sockets = append(g.Sockets, given(s.Arg(1).Text, s.Arg(1).At))
	case may:
		r.unknown(s, true, why)
	case harmlessGlobal[s.Name()], harmlessGlobal[key(s)], prefixed(s.Name()):
		r.unknown(s, false, "it has no part in a failover")
	default:
		r.unlisted(s, "global")
	}
}

// prefixed tells whether a directive belongs to a family that changes no answer.
func prefixed(name string) bool {
	return slices.ContainsFunc([]string{"tune.", "wurfl-", "deviceatlas-", "51degrees-"}, func(family string) bool { return strings.HasPrefix(name, family) })
}

// holds are the answers of a resolver, with how long an earlier valid one still counts (configuration manual, 5.3.2).
var holds = map[string]time.Duration{"nx": 30 * time.Second, "refused": 30 * time.Second, "timeout": 30 * time.Second, "other": 30 * time.Second,
	"valid": 10 * time.Second, "obsolete": 0}

// resolvers begins a resolvers section.
func (r *reader) resolvers(s statement) {
	n := Resolvers{Name: s.Arg(0).Text, At: s.At(), Hold: map[string]Setting[time.Duration]{}}
	n.Retries.Value, n.Resolve.Value, n.Retry.Value = 3, time.Second, time.Second
	for status, hold := range holds {
		n.Hold[status] = Setting[time.Duration]{Value: hold}
	}
	r.cfg.Resolvers = append(r.cfg.Resolvers, n)
	i := len(r.cfg.Resolvers) - 1
	r.section = func(s statement) { r.resolver(&r.cfg.Resolvers[i], s) }
}

// resolver reads a line of a resolvers section.
func (r *reader) resolver(n *Resolvers, s statement) {
	switch key(s) {
	case "parse-resolv-conf":
		n.SystemConf = given(true, s.At())
	case "nameserver":
		if r.has(s, 2) {
			n.Nameservers = append(n.Nameservers, r.nameserver(s))
		}
	case "resolve_retries":
		r.globalNumber(&n.Retries, s)
	case "timeout resolve", "timeout retry":
		if r.has(s, 2) {
			r.span(map[string]*Setting[time.Duration]{"resolve": &n.Resolve, "retry": &n.Retry}[s.Arg(0).Text], key(s), s.Arg(1))
		}
	case "hold":
		r.hold(n, s)
	default:
		r.resolverRest(s)
	}
}

func (r *reader) resolverRest(s statement) {
	if s.Name() == "accepted_payload_size" {
		r.unknown(s, false, "it has no part in a failover")
		return
	}
	r.unlisted(s, "resolvers")
}

func (r *reader) nameserver(s statement) Nameserver {
	a := r.place("nameserver", s.Arg(1))
	if a.low == 0 {
		a.low = 53
	}
	return Nameserver{Name: s.Arg(0).Text, Host: a.host, Port: a.low, TCP: strings.HasPrefix(s.Arg(1).Text, "tcp"), At: s.Arg(1).At}
}

func (r *reader) hold(n *Resolvers, s statement) {
	if !r.has(s, 2) {
		return
	}
	status := s.Arg(0)
	if _, known := holds[status.Text]; !known {
		r.refuse(status, "hold %q: want valid, obsolete, nx, refused, timeout or other", status.Text)
		return
	}
	period := n.Hold[status.Text]
	r.span(&period, key(s), s.Arg(1))
	n.Hold[status.Text] = period
}

// peers begins a peers section.
func (r *reader) peers(s statement) {
	r.cfg.Peers = append(r.cfg.Peers, Peers{Name: s.Arg(0).Text, At: s.At()})
	i := len(r.cfg.Peers) - 1
	r.section = func(s statement) { r.peer(&r.cfg.Peers[i], s) }
}

// peer reads a line of a peers section.
func (r *reader) peer(p *Peers, s statement) {
	switch s.Name() {
	case "peer", "server":
		if r.has(s, 1) {
			a := r.place("peer", s.Arg(1))
			p.Peers = append(p.Peers, Peer{Name: s.Arg(0).Text, Host: a.host, Port: a.low, At: s.Arg(0).At})
		}
	default:
		r.unknown(s, false, "it has no part in a failover")
	}
}
