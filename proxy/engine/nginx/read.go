package nginx

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
)

type (
	statement = configtext.Statement
	word      = configtext.Word
)

// ReadConfig reads an nginx.conf. include gives the files of its include directives, whose patterns begin at Prefix if they are relative; nil:
// they are in Unknown. The error holds every value that nginx refuses too, each with its position, and the errors of include; its own codes
// are config-text, config-value, config-include and config-too-large. A directive that is not modelled is no error.
func ReadConfig(file string, data []byte, include configtext.Include) (*Config, error) {
	r := &reader{cfg: &Config{File: file}, include: include, groups: map[string]*Upstream{}}
	r.cfg.Workers.Value = 1
	all := r.scan(configtext.File{Path: file, Data: data}, 0)
	for _, s := range all {
		if s.Name() == "http" || s.Name() == "stream" {
			r.upstreams(s)
		}
	}
	for _, s := range all {
		r.main(s)
	}
	return r.cfg, errors.Join(r.errs...)
}

// Limits of a configuration: more is a mistake, or a circle of includes.
const (
	maxFiles   = 1000
	maxDepth   = 16
	maxServers = 50_000
	maxBytes   = 32 << 20 // of all files
)

// reader holds what the statements so far have said.
type reader struct {
	cfg     *Config
	include configtext.Include
	errs    []error
	groups  map[string]*Upstream // by group
	files   int
	bytes   int
	servers int // server blocks, locations and peers
}

// scan divides a file into statements, with the files that it includes in the place of their directives.
func (r *reader) scan(file configtext.File, depth int) []statement {
	r.files, r.bytes = r.files+1, r.bytes+len(file.Data)
	if r.files > maxFiles || r.bytes > maxBytes || depth > maxDepth {
		r.fail(reason.Errorf("config-too-large", "%s: more than %d files, %d MiB or %d includes inside each other: do they include each other?", file.Path, maxFiles, maxBytes>>20, maxDepth))
		return nil
	}
	all, err := configtext.Scan(file.Path, file.Data, configtext.Nginx)
	if err != nil {
		r.fail(err)
	}
	return r.included(file.Path, all, depth)
}

// included replaces the include directives of a list and of its blocks.
func (r *reader) included(from string, all []statement, depth int) (out []statement) {
	for _, s := range all {
		switch {
		case s.Name() == "include" && len(s.Args()) == 1:
			out = append(out, r.includes(from, s, depth)...)
			continue
		case len(s.Block) > 0:
			s.Block = r.included(from, s.Block, depth)
		}
		out = append(out, s)
	}
	return out
}

// includes gives the statements of the files of an include directive.
func (r *reader) includes(from string, s statement, depth int) (all []statement) {
	pattern := s.Arg(0)
	if !path.IsAbs(pattern.Text) {
		pattern.Text = path.Join(Prefix, pattern.Text)
	}
	r.reference("included file", Prefix, pattern)
	if r.include == nil {
		r.unknown(s, true, "the file is not read")
		return nil
	}
	files, err := r.include(from, pattern.Text, pattern.At)
	if err != nil {
		r.fail(reason.Errorf("config-include", "%s: include %s: %w", pattern.At, pattern.Text, err))
	}
	for _, f := range files {
		all = append(all, r.scan(f, depth+1)...)
	}
	return all
}

// main reads a statement outside all blocks.
func (r *reader) main(s statement) {
	c := r.cfg
	switch s.Name() {
	case "http", "stream":
		r.passing(s, defaults(s.Name() == "stream"), s.Name() == "stream")
	case "user":
		r.text(&c.User, s)
	case "pid":
		r.text(&c.PID, s)
	case "daemon":
		c.Daemon = given(s.Arg(0).Text != "off", s.Arg(0).At)
	case "worker_processes":
		if s.Arg(0).Text == "auto" {
			c.Workers = given(0, s.Arg(0).At)
			return
		}
		r.number(&c.Workers, s, s.Arg(0).Text)
	case "events":
		for _, inner := range s.Block {
			r.judge(inner)
		}
	default:
		r.judge(s)
	}
}

// defaults are those of nginx 1.22.
func defaults(stream bool) (p Passing) {
	p.Connect.Value, p.Read.Value, p.Send.Value, p.Timeout.Value = time.Minute, time.Minute, time.Minute, 10*time.Minute
	p.Next.Value, p.Version.Value = "error timeout", "1.0"
	if stream {
		p.Next.Value = "on"
	}
	return p
}

// passing reads the http or stream block.
func (r *reader) passing(block statement, p Passing, stream bool) {
	r.settings(block, &p)
	for _, s := range block.Block {
		switch s.Name() {
		case "server":
			r.server(s, p, stream)
		case "upstream":
		default:
			r.judge(s)
		}
	}
}

// room tells whether there may be one more block or peer.
func (r *reader) room(s statement) bool {
	if r.servers++; r.servers == maxServers+1 {
		r.fail(reason.Errorf("config-too-large", "%s: more than %d servers and locations", s.At(), maxServers))
	}
	return r.servers <= maxServers
}

// server reads a server block.
func (r *reader) server(block statement, p Passing, stream bool) {
	if !r.room(block) {
		return
	}
	s := &Server{Stream: stream, At: block.At()}
	r.cfg.Servers = append(r.cfg.Servers, s)
	for _, inner := range block.Block {
		switch inner.Name() {
		case "listen":
			r.listen(s, inner)
		case "server_name":
			for _, w := range inner.Args() {
				s.Names = append(s.Names, given(w.Text, w.At))
			}
		}
	}
	if len(s.Listens) == 0 && !stream {
		s.Listens = []Listen{{Low: 80, High: 80, At: block.At()}}
	}
	r.location(s, block, Location{At: block.At(), Proxy: p})
}

// location reads a location block, or what a server block passes itself.
func (r *reader) location(server *Server, block statement, at Location) {
	r.settings(block, &at.Proxy)
	for _, s := range block.Block {
		switch s.Name() {
		case "proxy_pass":
			r.pass(&at, s, server.Stream)
		case "return":
			at.Return = given(joined(s.Args()), s.At())
		case "listen", "server_name":
		case "location":
			if r.room(s) {
				r.location(server, s, Location{Path: joined(s.Args()), At: s.At(), Proxy: at.Proxy})
			}
		default:
			r.judge(s)
		}
	}
	if at.Pass.Set() || at.Return.Set() {
		server.Locations = append(server.Locations, &at)
	}
}

// settings reads the timers of a block. They hold for the blocks inside it too, wherever they stand.
func (r *reader) settings(block statement, p *Passing) {
	for _, s := range block.Block {
		switch s.Name() {
		case "proxy_connect_timeout":
			r.span(&p.Connect, s, s.Arg(0).Text)
		case "proxy_read_timeout":
			r.span(&p.Read, s, s.Arg(0).Text)
		case "proxy_send_timeout":
			r.span(&p.Send, s, s.Arg(0).Text)
		case "proxy_timeout":
			r.span(&p.Timeout, s, s.Arg(0).Text)
		case "proxy_next_upstream":
			p.Next = given(joined(s.Args()), s.At())
		case "proxy_next_upstream_tries":
			r.number(&p.NextTries, s, s.Arg(0).Text)
		case "proxy_next_upstream_timeout":
			r.span(&p.NextTimeout, s, s.Arg(0).Text)
		case "proxy_protocol":
			p.Header = given(s.Arg(0).Text == "on", s.At())
		case "proxy_ssl":
			p.SSL = given(s.Arg(0).Text == "on", s.At())
		case "proxy_http_version":
			r.text(&p.Version, s)
		}
	}
}

// pass reads proxy_pass: the name of an upstream, or an address, which becomes one.
func (r *reader) pass(at *Location, s statement, stream bool) {
	if !r.has(s) {
		return
	}
	w := s.Arg(0)
	at.Pass = given(w.Text, w.At)
	target := w.Text
	if !stream {
		scheme, rest, found := strings.Cut(target, "://")
		if at.Scheme = strings.ToLower(scheme); found {
			target = host(rest)
		}
	}
	if strings.Contains(target, "$") {
		r.unknown(s, true, "where it passes requests depends on a variable")
		return
	}
	at.Upstream = target
	if group := key(stream, target); r.groups[group] == nil {
		r.imply(group, target, w, stream, map[string]int{"http": 80, "https": 443}[at.Scheme])
	}
}

// host gives the host and the port of a URL after its scheme: up to its path; of a socket, up to the colon before it.
func host(rest string) string {
	if strings.HasPrefix(rest, "unix:") {
		end := strings.IndexByte(rest[5:], ':')
		if end < 0 {
			return rest
		}
		return rest[:5+end]
	}
	rest, _, _ = strings.Cut(rest, "/")
	rest, _, _ = strings.Cut(rest, "?")
	return rest
}

// imply makes a group of an address.
func (r *reader) imply(group, target string, w word, stream bool, port int) {
	a := address(target)
	if a.bad || a.host == "" && a.path == "" {
		r.refuse(w, "proxy_pass %s: want an upstream, or an address with a port from 1 to 65535", w.Text)
		return
	}
	u := &Upstream{Name: target, Stream: stream, Implied: true, At: w.At, Method: Setting[string]{Value: "round_robin"}}
	if a.low == 0 && a.path == "" {
		a.low = port
	}
	u.Peers = []*Peer{newPeer(a, w.At)}
	r.groups[group], r.cfg.Upstreams = u, append(r.cfg.Upstreams, u)
}

// key names a group: http and stream have groups of their own.
func key(stream bool, name string) string { return fmt.Sprint(stream, " ", strings.ToLower(name)) }

// newPeer gives a server with nginx's defaults (ngx_http_upstream_module, "server").
func newPeer(a place, at Pos) *Peer {
	p := &Peer{Host: a.host, Path: a.path, Port: a.low, At: at}
	p.Weight.Value, p.MaxFails.Value, p.FailTimeout.Value = 1, 1, 10*time.Second
	return p
}
