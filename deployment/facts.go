package deployment

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// facts are what one file says about nodes: where its engine listens, whom it uses, what it calls itself. They are read without the
// models of the engines, so that a file that an engine would refuse still has its place.
type facts struct {
	*file
	listens  []listen
	uses     []use
	names    []claim
	own      []Interface // addresses that only this node can have
	peers    []Interface
	virtual  []virtual
	nets     []Interface // networks of users and neighbours
	includes []claim
}

// listen is a port at which the engine listens; an invalid address: at all.
type listen struct {
	addr  netip.Addr
	port  uint16
	admin bool // of statistics alone
	at    configtext.Pos
}

// use is another host that the engine connects to.
type use struct {
	name, host string // name: as the file calls it; may be empty
	port       uint16
	role       string
	at         configtext.Pos
}

// The roles of other hosts.
const (
	roleServer  = "server"
	roleCheck   = "check"
	roleParent  = "parent"
	roleSibling = "sibling"
	roleOrigin  = "origin"
	rolePAC     = "proxy of a PAC file"
)

// claim is a word with its position.
type claim struct {
	text string
	at   configtext.Pos
}

// virtual is an address of a VRRP instance.
type virtual struct {
	address  netip.Prefix
	on       string // interface
	instance string
	router   string // virtual_router_id
	excluded bool   // not in the adverts: virtual_ipaddress_excluded
	at       configtext.Pos
}

// styleOf are the styles of the engines' languages.
var styleOf = map[string]configtext.Style{HAProxy: configtext.HAProxy, Keepalived: configtext.Keepalived, Squid: configtext.Squid, Nginx: configtext.Nginx}

// readers read the statements of a file into facts.
var readers = map[string]func(*facts, []configtext.Statement){
	HAProxy: (*facts).haproxy, Keepalived: (*facts).keepalived, Squid: (*facts).squid, Nginx: (*facts).nginx,
}

// factsOf reads a file. A file whose text is broken has none: its reader says why.
func factsOf(f *file) *facts {
	out := &facts{file: f}
	if read := readers[f.kind]; read != nil {
		if all, err := configtext.Scan(f.Path, f.Data, styleOf[f.kind]); err == nil {
			read(out, all)
		}
	}
	return out
}

// hostPort divides host:port, :port, *:port or [host]:port; false: there is no port.
func hostPort(text string) (host string, port uint16, ok bool) {
	i := strings.LastIndexByte(text, ':')
	number, _, _ := strings.Cut(text[i+1:], "-") // of a range the first
	n, err := strconv.ParseUint(number, 10, 16)
	if err != nil || n == 0 {
		return "", 0, false
	}
	host = strings.Trim(text[:max(i, 0)], "[]")
	return host, uint16(n), true
}

// listenAt adds a place to listen. Names and wildcards count as all addresses.
func (f *facts) listenAt(text string, at configtext.Pos) {
	host, port, ok := hostPort(text)
	if !ok {
		return
	}
	addr, _ := netip.ParseAddr(host)
	if addr.IsValid() && addr.IsUnspecified() {
		addr = netip.Addr{}
	}
	f.listens = append(f.listens, listen{addr: addr, port: port, at: at})
}

// haproxySections are the words that begin a section.
var haproxySections = []string{"global", "defaults", "frontend", "backend", "listen", "resolvers", "peers", "userlist", "mailers", "cache", "program", "ring", "http-errors", "fcgi-app", "log-forward"}

func (f *facts) haproxy(all []configtext.Statement) {
	section, first, serves, stats := "", 0, false, false
	end := func() {
		for i := first; i < len(f.listens); i++ {
			f.listens[i].admin = stats && !serves
		}
		first, serves, stats = len(f.listens), false, false
	}
	for _, s := range all {
		switch name := s.Name(); {
		case slices.Contains(haproxySections, name):
			end()
			section = name
		case name == "bind":
			for _, one := range strings.Split(s.Arg(0).Text, ",") {
				_, one, _ = cutLast(one, "@")
				f.listenAt(one, s.Arg(0).At)
			}
		case name == "server" && section != "resolvers" && section != "peers":
			serves = true
			f.haproxyServer(s)
		case name == "use_backend", name == "default_backend":
			serves = true
		case name == "stats":
			stats = stats || section != "global"
		}
	}
	end()
}

// cutLast cuts around the last separator; without one all is after.
func cutLast(text, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(text, sep); i >= 0 {
		return text[:i], text[i+len(sep):], true
	}
	return "", text, false
}

func (f *facts) haproxyServer(s configtext.Statement) {
	_, address, _ := cutLast(s.Arg(1).Text, "@")
	host, port, ok := hostPort(address)
	if !ok {
		host = address
	}
	f.uses = append(f.uses, use{s.Arg(0).Text, host, port, roleServer, s.Arg(0).At})
	for i, w := range s.Args() {
		if w.Text == "port" && slices.ContainsFunc(s.Args(), func(w configtext.Word) bool { return w.Text == "check" }) {
			if n, err := strconv.ParseUint(s.Arg(i+1).Text, 10, 16); err == nil {
				f.uses = append(f.uses, use{s.Arg(0).Text, host, uint16(n), roleCheck, s.Arg(i + 1).At})
			}
		}
	}
}

func (f *facts) squid(all []configtext.Statement) {
	for _, s := range all {
		switch s.Name() {
		case "http_port", "https_port":
			f.listenAt(s.Arg(0).Text, s.Arg(0).At)
		case "visible_hostname", "unique_hostname":
			f.names = append(f.names, claim{s.Arg(0).Text, s.Arg(0).At})
		case "cache_peer":
			f.cachePeer(s)
		case "include":
			f.includes = append(f.includes, claim{s.Arg(0).Text, s.Arg(0).At})
		case "acl":
			f.sources(s)
		}
	}
}

func (f *facts) cachePeer(s configtext.Statement) {
	port, _ := strconv.ParseUint(s.Arg(2).Text, 10, 16)
	u := use{host: s.Arg(0).Text, port: uint16(port), role: roleParent, at: s.Arg(0).At}
	if s.Arg(1).Text == "sibling" {
		u.role = roleSibling
	}
	for _, w := range s.Args() {
		if name, ok := strings.CutPrefix(w.Text, "name="); ok {
			u.name = name
		}
		if w.Text == "originserver" {
			u.role = roleOrigin
		}
	}
	f.uses = append(f.uses, u)
}

// sources takes the networks of an acl of sources.
func (f *facts) sources(s configtext.Statement) {
	if s.Arg(1).Text != "src" {
		return
	}
	for _, w := range s.Args()[2:] {
		if p, err := netip.ParsePrefix(w.Text); err == nil && p.Bits() >= 16 && !p.IsSingleIP() {
			f.nets = append(f.nets, Interface{Address: p, From: Source{At: w.At, Why: "sources"}})
		}
	}
}

func (f *facts) nginx(all []configtext.Statement) {
	for _, s := range all {
		switch s.Name() {
		case "listen":
			if !slices.ContainsFunc(s.Args(), func(w configtext.Word) bool { return w.Text == "udp" }) {
				f.listenAt(s.Arg(0).Text, s.Arg(0).At)
			}
		case "upstream":
			for _, server := range s.Block {
				if server.Name() == "server" {
					f.nginxServer("", server.Arg(0))
				}
			}
		case "proxy_pass":
			f.proxyPass(s.Arg(0))
		case "include":
			f.includes = append(f.includes, claim{s.Arg(0).Text, s.Arg(0).At})
		default:
			f.nginx(s.Block)
		}
	}
}

// proxyPass takes the server of a proxy_pass that names an address, not an upstream.
func (f *facts) proxyPass(w configtext.Word) {
	host := w.Text
	if u, err := url.Parse(w.Text); err == nil && u.Host != "" {
		host = u.Host
	}
	if _, _, ok := hostPort(host); ok && !strings.Contains(host, "$") {
		f.nginxServer("", configtext.Word{Text: host, At: w.At})
	}
}

func (f *facts) nginxServer(name string, w configtext.Word) {
	host, port, ok := hostPort(w.Text)
	if !ok {
		host, port = w.Text, 80
	}
	if host != "" && !strings.HasPrefix(host, "unix") {
		f.uses = append(f.uses, use{name, host, port, roleServer, w.At})
	}
}

func (f *facts) keepalived(all []configtext.Statement) {
	for _, s := range all {
		switch s.Name() {
		case "vrrp_instance":
			f.instance(s)
		case "global_defs":
			for _, inner := range s.Block {
				if inner.Name() == "router_id" {
					f.names = append(f.names, claim{inner.Arg(0).Text, inner.Arg(0).At})
				}
				if who, _, ok := strings.Cut(inner.Arg(0).Text, "@"); ok && inner.Name() == "notification_email_from" {
					f.names = append(f.names, claim{who, inner.Arg(0).At})
				}
			}
		case "include":
			f.includes = append(f.includes, claim{s.Arg(0).Text, s.Arg(0).At})
		}
	}
}

func (f *facts) instance(s configtext.Statement) {
	v := virtual{instance: s.Arg(0).Text}
	for _, inner := range s.Block { // first, for they may stand after the addresses
		switch inner.Name() {
		case "interface":
			v.on = inner.Arg(0).Text
		case "virtual_router_id":
			v.router = inner.Arg(0).Text
		}
	}
	for _, inner := range s.Block {
		switch inner.Name() {
		case "unicast_src_ip", "mcast_src_ip":
			f.address(&f.own, inner.Arg(0), v.on, inner.Name())
		case "unicast_peer":
			for _, peer := range inner.Block {
				f.address(&f.peers, peer.Words[0], v.on, "unicast_peer")
			}
		case "virtual_ipaddress", "virtual_ipaddress_excluded":
			for _, address := range inner.Block {
				if p, ok := prefixOf(address.Name()); ok {
					v.address, v.at, v.excluded = p, address.At(), inner.Name() == "virtual_ipaddress_excluded"
					f.virtual = append(f.virtual, v)
				}
			}
		}
	}
}

// address adds an address of an interface.
func (f *facts) address(to *[]Interface, w configtext.Word, on, why string) {
	if p, ok := prefixOf(w.Text); ok {
		*to = append(*to, Interface{on, p, Source{At: w.At, Why: why}})
	}
}

// prefixOf reads an address with or without a length.
func prefixOf(text string) (netip.Prefix, bool) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return p, true
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(addr, addr.BitLen()), true
}
