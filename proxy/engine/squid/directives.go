package squid

import (
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// directive reads a line outside of what is skipped.
func (r *reader) directive(s configtext.Statement) {
	if r.timer(s) || r.access(s) {
		return
	}
	switch c := r.c; s.Name() {
	case "http_port", "ascii_port", "https_port", "ftp_port":
		r.port(s)
	case "icp_port", "udp_port":
		r.number(s, &c.ICP)
	case "htcp_port":
		r.number(s, &c.HTCP)
	case "cache_peer":
		r.peer(s)
	case "acl":
		r.acl(s)
	case "auth_param":
		r.auth(s)
	case "prefer_direct":
		r.onOff(s, &c.PreferDirect)
	case "nonhierarchical_direct":
		r.onOff(s, &c.NonhierarchicalDirect)
	case "dns_nameservers":
		for _, w := range s.Args() {
			c.Nameservers = append(c.Nameservers, set(w.Text, w.At))
		}
	case "hosts_file":
		c.Hosts = line(s, 0)
		r.refer(c.Hosts.Value, "names of hosts", c.Hosts.At)
	case "cache_dir":
		r.cacheDir(s)
	case "cache_mem":
		r.bytes(s, &c.CacheMem)
	case "visible_hostname":
		c.Hostname = line(s, 0)
	default:
		r.refers(s)
		r.other(s)
	}
}

// timer reads a timer, and tells whether the statement is one.
func (r *reader) timer(s configtext.Statement) bool {
	t := &r.c.Timers
	into := map[string]*configtext.Setting[time.Duration]{
		"connect_timeout": &t.Connect, "peer_connect_timeout": &t.PeerConnect, "forward_timeout": &t.Forward, "read_timeout": &t.Read,
		"write_timeout": &t.Write, "request_timeout": &t.Request, "request_start_timeout": &t.RequestStart,
		"client_idle_pconn_timeout": &t.ClientIdle, "persistent_request_timeout": &t.ClientIdle, "dead_peer_timeout": &t.DeadPeer,
		"shutdown_lifetime": &t.Shutdown, "server_idle_pconn_timeout": &t.ServerIdle, "pconn_timeout": &t.ServerIdle,
	}[s.Name()]
	switch {
	case into != nil:
		r.seconds(s, into)
	case s.Name() == "dns_timeout":
		r.duration(s, &t.DNS)
	case s.Name() == "connect_retries":
		r.number(s, &t.ConnectRetries)
	case s.Name() == "forward_max_tries":
		r.number(s, &t.ForwardMaxTries)
	case s.Name() == "retry_on_error":
		r.onOff(s, &t.RetryOnError)
	default:
		return false
	}
	return true
}

// access reads a line of allow or deny that takes part in the model.
func (r *reader) access(s configtext.Statement) bool {
	into := map[string]*[]Rule{"http_access": &r.c.Access, "never_direct": &r.c.NeverDirect, "always_direct": &r.c.AlwaysDirect}[s.Name()]
	switch {
	case into != nil:
		if rule, ok := r.rule(s, 0); ok {
			*into = append(*into, rule)
		}
	case s.Name() == "cache_peer_access":
		if rule, ok := r.rule(s, 1); ok {
			r.rules = append(r.rules, peerRule{s.Arg(0), rule})
		}
	default:
		return false
	}
	return true
}

// port reads a port: NUMBER, HOST:NUMBER or [ADDRESS]:NUMBER.
func (r *reader) port(s configtext.Statement) {
	w := s.Arg(0)
	p := Port{Kind: s.Name(), Address: set(w.Text, w.At)}
	number := w.Text
	if host, rest, err := net.SplitHostPort(w.Text); err == nil {
		p.Host, number = host, rest
	}
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil {
		r.refused(s, "a port, or an address and a port")
		return
	}
	p.Number = int(n)
	for _, o := range s.Args()[1:] {
		p.Options = append(p.Options, set(o.Text, o.At))
		r.certificate(o)
	}
	r.c.Ports = append(r.c.Ports, p)
}

// certificate refers to the file of an option such as tls-cert=PATH.
func (r *reader) certificate(o configtext.Word) {
	key, path, _ := strings.Cut(o.Text, "=")
	switch strings.TrimPrefix(strings.TrimPrefix(key, "tls-"), "ssl") {
	case "cert", "key", "cafile", "clientca", "dh", "dhparams", "crlfile", "capath":
		if _, file, ok := strings.Cut(path, ":"); ok && strings.Contains(key, "dh") {
			path = file
		}
		r.refer(path, "certificate or key", o.At)
	}
}

// peer reads a cache_peer. Squid does not start with two of one name.
func (r *reader) peer(s configtext.Statement) {
	http, err := strconv.ParseUint(s.Arg(2).Text, 10, 16)
	if len(s.Words) < 4 || err != nil && s.Arg(2).Text == "" {
		r.refused(s, "a host, parent or sibling, and the ports of HTTP and ICP")
		return
	}
	if err != nil {
		r.unknown(s, true, "the model does not know the names of ports")
	}
	icp, _ := strconv.ParseUint(s.Arg(3).Text, 10, 16)
	p := Peer{
		Host: set(strings.ToLower(s.Arg(0).Text), s.Arg(0).At), Kind: s.Arg(1).Text, HTTP: int(http), ICP: int(icp),
		Name: set(s.Arg(0).Text, s.Arg(0).At), FailLimit: configtext.Setting[int]{Value: 10}, Weight: configtext.Setting[int]{Value: 1},
	}
	for _, o := range s.Args()[min(len(s.Args()), 4):] {
		r.option(&p, o)
	}
	if other := r.c.Peer(p.Name.Value); other != nil {
		r.find("peer-twice", p.Name.At, "Squid does not start; the other is at "+other.Name.At.String(), "give each a name= of its own",
			"two cache_peers have the name %s", p.Name.Value)
	}
	r.c.Peers = append(r.c.Peers, p)
}

// option reads an option of a cache_peer.
func (r *reader) option(p *Peer, o configtext.Word) {
	p.Options = append(p.Options, set(o.Text, o.At))
	key, value, _ := strings.Cut(o.Text, "=")
	n, err := strconv.Atoi(value)
	switch {
	case key == "name" && value != "":
		p.Name = set(value, o.At)
	case key == "connect-timeout" && err == nil && n > 0 && n < 1<<31:
		p.Connect = set(time.Duration(n)*time.Second, o.At)
	case key == "connect-fail-limit" && err == nil && n > 0:
		p.FailLimit = set(n, o.At)
	case key == "weight" && err == nil && n > 0:
		p.Weight = set(n, o.At)
	case key == "login":
		p.Login = set(value, o.At)
	case key == "default":
		p.Default = set(true, o.At)
	case key == "round-robin" || key == "weighted-round-robin":
		p.RoundRobin = set(true, o.At)
	case key == "no-query":
		p.NoQuery = set(true, o.At)
	case strings.HasPrefix(key, "htcp"):
		p.UsesHTCP = set(true, o.At)
	case key == "originserver":
		p.Origin = set(true, o.At)
	case strings.HasPrefix(key, "ssl") || strings.HasPrefix(key, "tls"):
		p.TLS = set(true, o.At)
		r.certificate(o)
	case key == "monitorurl":
		p.MonitorURL = set(value, o.At)
		fallthrough
	case !peerOptions[key]:
		r.find("unknown-option", o.At, "Squid 5.7 logs it and goes on without it", "remove it", "cache_peer does not have the option %s", o.Text)
	}
}

// peerOptions are the options of cache_peer that the model keeps and does not use.
var peerOptions = words(`proxy-only background-ping no-digest no-tproxy multicast-responder basetime closest-only ttl no-netdb-exchange carp carp-key
	userhash sourcehash no-delay auth-no-keytab digest-url allow-miss max-conn standby forceddomain front-end-https connection-auth
	connect-timeout connect-fail-limit weight name`)

// acl reads a line of an acl. A value in quotes is a file whose lines are values (strtokFile).
func (r *reader) acl(s configtext.Statement) {
	if len(s.Words) < 3 {
		r.refused(s, "a name, a kind and values")
		return
	}
	a := r.c.ACL(s.Arg(0).Text)
	if a == nil {
		r.c.ACLs = append(r.c.ACLs, ACL{Name: s.Arg(0).Text, Kind: s.Arg(1).Text, At: s.At()})
		a = &r.c.ACLs[len(r.c.ACLs)-1]
	}
	for _, w := range s.Args()[2:] {
		if w.Quoted {
			a.Files = append(a.Files, set(w.Text, w.At))
			r.refer(w.Text, "values of acl "+a.Name, w.At)
			continue
		}
		a.Values = append(a.Values, set(w.Text, w.At))
	}
}

// auth reads an auth_param. Files among the arguments of its program are referred to.
func (r *reader) auth(s configtext.Statement) {
	if s.Arg(1).Text != "program" {
		r.unknown(s, false, "how a password is asked for does not change who serves")
		return
	}
	r.c.Auth = append(r.c.Auth, Auth{Scheme: s.Arg(0).Text, Program: line(s, 2)})
	r.command(s, 2, "authentication program", "file of the authentication program")
}

// command refers to a program at an argument, and to the files that it names.
func (r *reader) command(s configtext.Statement, from int, what, files string) {
	for i, w := range s.Args()[min(len(s.Args()), from):] {
		switch {
		case i == 0:
			r.refer(w.Text, what, w.At)
		case strings.HasPrefix(w.Text, "/"):
			r.refer(w.Text, files, w.At)
		}
	}
}

// cacheDir reads a cache_dir.
func (r *reader) cacheDir(s configtext.Statement) {
	d := CacheDir{Kind: set(s.Arg(0).Text, s.Arg(0).At), Path: set(s.Arg(1).Text, s.Arg(1).At)}
	if n, err := strconv.ParseInt(s.Arg(2).Text, 10, 40); err == nil && n >= 0 {
		d.Size = set(n<<20, s.Arg(2).At)
	}
	r.c.CacheDirs = append(r.c.CacheDirs, d)
}

// refers records the files of directives that the model does not have.
func (r *reader) refers(s configtext.Statement) {
	switch s.Name() {
	case "url_rewrite_program", "redirect_program", "store_id_program", "storeurl_rewrite_program", "sslcrtd_program", "sslcrtvalidator_program",
		"pinger_program", "unlinkd_program", "diskd_program", "logfile_daemon", "sslpassword_program":
		r.command(s, 0, "program of "+s.Name(), "file of "+s.Name())
	case "external_acl_type":
		for i, w := range s.Args() {
			if i > 0 && strings.HasPrefix(w.Text, "/") {
				r.command(s, i, "program of external_acl_type", "file of external_acl_type")
				return
			}
		}
	case "error_directory", "err_page_stylesheet", "icon_directory", "mime_table", "announce_file", "sslproxy_foreign_intermediate_certs":
		r.refer(s.Arg(0).Text, s.Name(), s.Arg(0).At)
	case "tls_outgoing_options":
		for _, w := range s.Args() {
			r.certificate(w)
		}
	}
}
