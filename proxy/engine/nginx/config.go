package nginx

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// Pos and Setting of package configtext are short here.
type (
	Pos            = configtext.Pos
	Setting[T any] = configtext.Setting[T]
)

// Prefix is where relative paths of a configuration begin on Debian.
const Prefix = "/etc/nginx"

// Config is what an nginx.conf, with the files that it includes, says about failover. A Setting without a position has the default of
// nginx 1.22 (nginx.org, ngx_http_proxy_module and others). A duration of 0 means that there is none.
type Config struct {
	File       string
	User       Setting[string]
	Workers    Setting[int] // worker_processes; 0: auto, one for each processor
	PID        Setting[string]
	Daemon     Setting[bool]
	Upstreams  []*Upstream
	Servers    []*Server              // http and stream, in the order of the files
	References []configtext.Reference // files that must be on the node
	Unknown    []configtext.Unknown   // directives that are not modelled
}

// Upstream is a group of servers; or, Implied, the address of a proxy_pass, which nginx makes a group.
type Upstream struct {
	Name             string
	Stream           bool // of connections; false: of requests
	Implied          bool
	At               Pos
	Peers            []*Peer
	Zone             Setting[string] // shared memory, so that the workers count failures together; empty: each worker for itself
	Method           Setting[string] // round_robin, least_conn, ip_hash, hash KEY [consistent], random [two [METHOD]], ...
	KeepAlive        Setting[int]    // idle connections to servers that a worker keeps; 0: none
	KeepAliveTimeout Setting[time.Duration]
}

// Peer is a server of an upstream.
type Peer struct {
	Host        string // address or name
	Path        string // of a socket of the file system
	Port        int    // 0: not known
	At          Pos
	Weight      Setting[int]
	MaxFails    Setting[int]           // failures that set it aside; 0: it is never set aside
	FailTimeout Setting[time.Duration] // they count within this time, and it is set aside for it; whole seconds
	MaxConns    Setting[int]           // 0: no limit
	Backup      Setting[bool]
	Down        Setting[bool]
}

// Server is a server block.
type Server struct {
	Stream    bool
	At        Pos
	Listens   []Listen
	Names     []Setting[string] // server_name
	Locations []*Location       // those that pass or answer, also nested ones; of a stream one without a path
}

// Listen is an address on which a server listens.
type Listen struct {
	Host          string // empty or *: all
	Low, High     int    // ports; 0: none, or not known
	Path          string // of a socket of the file system
	UDP           bool
	SSL           Setting[bool]
	ProxyProtocol Setting[bool]
	Default       Setting[bool] // default_server
	At            Pos
}

// Location is a location block, a server block without one, or the server block of a stream, with what it takes from the blocks around it.
type Location struct {
	Path     string          // with its modifier, such as "= /ping"; empty: the server block itself
	Pass     Setting[string] // proxy_pass as it is written; empty: nginx answers itself
	Scheme   string          // http or https of Pass; empty: stream
	Upstream string          // name in Upstreams; empty: Pass has a variable, or nothing is passed
	Return   Setting[string] // return: nginx answers with this
	Proxy    Passing
	At       Pos
}

// Passing is how connections or requests are passed on.
type Passing struct {
	Connect     Setting[time.Duration] // proxy_connect_timeout
	Read, Send  Setting[time.Duration] // proxy_read_timeout, proxy_send_timeout: between two reads or writes; http
	Timeout     Setting[time.Duration] // proxy_timeout: without data; stream
	Next        Setting[string]        // proxy_next_upstream: "error timeout ..." or "off"; stream: "on" or "off"
	NextTries   Setting[int]           // servers that are tried; 0: no limit
	NextTimeout Setting[time.Duration] // the time in which another server is tried; 0: no limit
	Header      Setting[bool]          // proxy_protocol on: the PROXY header is sent; stream
	SSL         Setting[bool]          // proxy_ssl on; stream
	Version     Setting[string]        // proxy_http_version
}
