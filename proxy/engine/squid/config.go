package squid

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
)

// Config is what a squid.conf says about ports, peers and timers. A Setting without a position is the default of Squid 5.7. Begin at
// ReadConfig.
type Config struct {
	File   string
	Ports  []Port
	ICP    configtext.Setting[int] // icp_port; 0: closed
	HTCP   configtext.Setting[int]
	Peers  []Peer
	Timers Timers

	NeverDirect           []Rule
	AlwaysDirect          []Rule
	PreferDirect          configtext.Setting[bool]
	NonhierarchicalDirect configtext.Setting[bool]
	Access                []Rule // http_access, in order
	ACLs                  []ACL
	Auth                  []Auth

	Nameservers []configtext.Setting[string] // none: those of /etc/resolv.conf
	Hosts       configtext.Setting[string]   // hosts_file
	CacheDirs   []CacheDir
	CacheMem    configtext.Setting[int64] // bytes
	Hostname    configtext.Setting[string]

	Conditional []Conditional
	References  []configtext.Reference
	Unknown     []configtext.Unknown
	Findings    []configtext.Finding // values that Squid ignores or refuses
}

// Timers are the timeouts, with whole seconds.
type Timers struct {
	Connect, PeerConnect, Forward, Read, Write configtext.Setting[time.Duration]
	Request, RequestStart, ClientIdle          configtext.Setting[time.Duration]
	DeadPeer, Shutdown, ServerIdle, DNS        configtext.Setting[time.Duration]
	ConnectRetries, ForwardMaxTries            configtext.Setting[int]
	RetryOnError                               configtext.Setting[bool]
}

// Port is a http_port, https_port or ftp_port.
type Port struct {
	Kind    string                     // the directive
	Address configtext.Setting[string] // as written: PORT, NAME:PORT or ADDRESS:PORT
	Host    string                     // empty: all addresses
	Number  int
	Options []configtext.Setting[string]
}

// Peer is a cache_peer.
type Peer struct {
	Host       configtext.Setting[string]
	Kind       string // parent, sibling or multicast
	HTTP       int
	ICP        int
	Name       configtext.Setting[string] // default: the host
	Options    []configtext.Setting[string]
	Connect    configtext.Setting[time.Duration] // connect-timeout; default: peer_connect_timeout
	FailLimit  configtext.Setting[int]           // connect-fail-limit; default 10
	Weight     configtext.Setting[int]           // default 1
	Login      configtext.Setting[string]
	Default    configtext.Setting[bool]
	RoundRobin configtext.Setting[bool]
	NoQuery    configtext.Setting[bool]
	UsesHTCP   configtext.Setting[bool]
	Origin     configtext.Setting[bool] // originserver
	TLS        configtext.Setting[bool]
	MonitorURL configtext.Setting[string] // monitorurl: of Squid 2 only; Squid 5.7 ignores it
	Access     []Rule                     // cache_peer_access, in order; none: all requests
}

// Rule is a line of allow or deny with ACLs, all of which must match.
type Rule struct {
	Allow bool
	ACLs  []configtext.Setting[string] // a leading ! negates
	At    configtext.Pos
}

// ACL is all lines of an acl of one name.
type ACL struct {
	Name   string
	Kind   string
	Values []configtext.Setting[string]
	Files  []configtext.Setting[string] // whose lines are values
	At     configtext.Pos
}

// Auth is an auth_param scheme with its program.
type Auth struct {
	Scheme  string
	Program configtext.Setting[string] // program and arguments
}

// CacheDir is a cache_dir.
type CacheDir struct {
	Kind configtext.Setting[string] // ufs, aufs, diskd, rock
	Path configtext.Setting[string]
	Size configtext.Setting[int64] // bytes; 0: the scheme has none
}

// Conditional is an if of the file: Squid reads the lines to else or endif only if its expression holds.
type Conditional struct {
	Expression string
	Read       bool // the model has the lines up to else or endif; false: those of else
	At         configtext.Pos
}
