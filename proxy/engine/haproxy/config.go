package haproxy

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// Pos, Setting and the other words of package configtext are short here.
type (
	Pos            = configtext.Pos
	Setting[T any] = configtext.Setting[T]
)

// Config is what a haproxy.cfg says about failover. A Setting without a position has the default of HAProxy 2.6 (configuration manual).
// A duration of 0 in Timeouts means that there is none.
type Config struct {
	File       string
	Global     Global
	Proxies    []*Proxy // listen, frontend and backend sections, in the order of the file
	Resolvers  []Resolvers
	Peers      []Peers
	References []configtext.Reference // files that must be on the node
	Unknown    []configtext.Unknown   // directives that are not modelled

	serving map[string]*Proxy // backend and listen sections by name
	targets map[string]bool   // of use_backend and default_backend; empty: one is computed
}

// Global is the section of the process.
type Global struct {
	Threads  Setting[int] // nbthread; 0: one for each processor
	MaxConn  Setting[int] // 0: from the limit of open files
	User     Setting[string]
	Group    Setting[string]
	Chroot   Setting[string]
	Daemon   Setting[bool]
	Sockets  []Setting[string] // addresses of stats socket
	HardStop Setting[time.Duration]
	Spread   Setting[int] // spread-checks: percent by which the intervals of checks vary
}

// Kinds of a proxy.
const (
	Listen   = "listen"
	Frontend = "frontend"
	Backend  = "backend"
)

// Proxy is a listen, frontend or backend section with what it takes from its defaults section.
type Proxy struct {
	Kind string // Listen, Frontend or Backend
	Name string
	At   Pos
	From Setting[string] // the defaults section whose values it takes; empty: unnamed, or none

	Disabled Setting[bool]
	Mode     Setting[string] // tcp, http, health
	Binds    []Bind
	ACLs     []ACL
	Uses     []Use           // use_backend, in order: the first whose condition holds
	Default  Setting[string] // default_backend
	MaxConn  Setting[int]    // of a frontend; 0: the limit of the process
	FullConn Setting[int]

	Timeouts   Timeouts
	Retries    Setting[int]    // tries after the first
	RetryOn    Setting[string] // retry-on: what is retried in mode http; conn-failure
	Redispatch Setting[int]    // option redispatch: which retries take another server. 0: none; N: every Nth; -N: the Nth from the last. Bare: -1
	Balance    Setting[string] // algorithm with its arguments
	HashType   Setting[string]
	Cookie     Setting[string] // the cookie that keeps a user at a server, with its options; empty: none
	Persist    Setting[bool]   // option persist: a cookie's server is used although it is down
	PreferLast Setting[bool]   // option prefer-last-server
	Sticks     []Setting[string]
	StickTable Setting[string]
	AllBackups Setting[bool] // all backup servers serve, not only the first
	Abort      Setting[bool] // option abortonclose
	Dispatch   Setting[string]
	Stats      Setting[bool] // stats enable or stats uri: it answers with HAProxy's own page
	Redirect   Setting[bool] // it answers some requests itself: redirect, http-request return, deny, redirect or auth
	MonitorURI Setting[string]
	Probe      Probe

	DefaultServer Server
	Servers       []*Server
}

// Bind is an address on which a proxy listens.
type Bind struct {
	Host        string // empty, * or an address; empty for a socket of the file system
	Low, High   int    // ports; 0: no port, or not known
	Path        string // of a socket of the file system
	UDP         bool   // QUIC, or another protocol that is not TCP
	AcceptProxy Setting[bool]
	SSL         Setting[bool]
	Transparent Setting[bool]
	Interface   Setting[string]
	MaxConn     Setting[int]
	At          Pos
}

// ACL is a named condition.
type ACL struct {
	Name string
	Text string // criterion, flags and values
	At   Pos
}

// Use is a use_backend or use-server rule.
type Use struct {
	Target    string
	Condition string   // "if ..." or "unless ..."; empty: always
	ACLs      []string // names of the ACLs in the condition
	At        Pos
}

// Timeouts of a proxy; 0: none.
type Timeouts struct {
	Connect, Client, Server, Check, Tunnel Setting[time.Duration]
	Queue                                  Setting[time.Duration] // default: Connect
	HTTPRequest                            Setting[time.Duration] // default: Client
	KeepAlive                              Setting[time.Duration] // default: HTTPRequest
	ClientFin, ServerFin, Tarpit           Setting[time.Duration]
}

// Kinds of a probe.
const (
	ConnectProbe  = "connect" // a connection, or a TLS handshake, is enough
	HTTPProbe     = "httpchk"
	TCPProbe      = "tcp-check" // a dialogue
	TLSHelloProbe = "ssl-hello-chk"
	ExternalProbe = "external-check" // a command; spof does not know what it sees
)

// Probe is what the checks of a backend do.
type Probe struct {
	Kind     Setting[string] // one of the kinds, or mysql-check, pgsql-check, redis-check, smtpchk, ldap-check, spop-check
	Method   string          // of httpchk; OPTIONS
	URI      string          // of httpchk; /
	Host     string          // header of httpchk; empty: none
	Rules    []Rule          // http-check or tcp-check, those that Kind uses
	Drain404 Setting[bool]   // http-check disable-on-404: 404 ends new sessions, and the server is not down
	Command  Setting[string] // external-check command
}

// Rule is a step of a probe.
type Rule struct {
	Action string // connect, send, expect, ...
	Text   string // its arguments
	Port   int    // of connect; 0: that of the server's check
	TLS    bool   // of connect
	At     Pos
}

// Server is a server line with what it takes from default-server.
type Server struct {
	Name string
	At   Pos
	Host string // address or name
	Path string // of a socket of the file system
	Port int    // 0: the port of the connection that came in, plus Shift
	// Shift is added to the port of the connection that came in.
	Shift    int
	Template bool // it comes from server-template

	Check          Setting[bool]
	CheckPort      Setting[int]    // default: Port
	CheckAddr      Setting[string] // default: Host
	CheckSSL       Setting[bool]
	CheckSendProxy Setting[bool]
	Inter          Setting[time.Duration]
	FastInter      Setting[time.Duration] // default: Inter
	DownInter      Setting[time.Duration] // default: Inter
	Fall, Rise     Setting[int]
	Track          Setting[string] // backend/server whose state it takes

	Agent      Setting[bool]
	AgentAddr  Setting[string] // default: Host
	AgentPort  Setting[int]
	AgentInter Setting[time.Duration]
	Observe    Setting[string] // none, layer4 or layer7
	ErrorLimit Setting[int]
	OnError    Setting[string] // fastinter, fail-check, sudden-death, mark-down

	Backup       Setting[bool]
	Disabled     Setting[bool]
	Weight       Setting[int]
	MaxConn      Setting[int] // 0: no limit
	MinConn      Setting[int]
	MaxQueue     Setting[int] // 0: no limit
	SlowStart    Setting[time.Duration]
	OnMarkedDown Setting[string] // shutdown-sessions
	OnMarkedUp   Setting[string] // shutdown-backup-sessions
	Cookie       Setting[string]
	SendProxy    Setting[string] // v1 or v2; empty: none
	SSL          Setting[bool]
	Verify       Setting[string] // required or none
	CAFile       Setting[string]
	SNI          Setting[string]
	Source       Setting[string]
	Socks4       Setting[string]
	Redir        Setting[string]
	Resolvers    Setting[string]
	InitAddr     Setting[string] // default: last,libc
}

// Resolvers is a resolvers section.
type Resolvers struct {
	Name           string
	At             Pos
	Nameservers    []Nameserver
	SystemConf     Setting[bool] // parse-resolv-conf
	Retries        Setting[int]
	Resolve, Retry Setting[time.Duration]
	Hold           map[string]Setting[time.Duration] // valid, obsolete, nx, refused, timeout, other: all of them
}

// Nameserver is a server of a resolvers section.
type Nameserver struct {
	Name, Host string
	Port       int
	TCP        bool
	At         Pos
}

// Peers is a peers section: nodes that share their stick tables.
type Peers struct {
	Name  string
	At    Pos
	Peers []Peer
}

// Peer is a node of a peers section.
type Peer struct {
	Name, Host string
	Port       int
	At         Pos
}
