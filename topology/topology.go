// Package topology describes a proxy service as it is designed: nodes and the services on them, addresses that move
// between nodes, WAN links, origins, and the users. It knows the paths a request can take and the single points of
// failure. It reads its own file and does no other I/O; it knows no container, no process and no runtime.
package topology

import (
	"slices"
	"time"
)

// Topology is one validated design. Lists keep the order of the file; names are unique over nodes, links, origins,
// user groups and addresses together.
type Topology struct {
	Name      string    `json:"name"`
	About     string    `json:"about"`
	Nodes     []Node    `json:"nodes"`
	Addresses []Address `json:"addresses"`
	Power     *Power    `json:"power,omitempty"` // nil: nobody asks where it comes from
	WAN       []Link    `json:"wan"`
	Origins   []Origin  `json:"origins"`
	Users     []Group   `json:"users"`
	// Cooling names the zones whose cooling several nodes share.
	Cooling []string `json:"cooling,omitempty"`
	// Signals is what nodes do about their chassis; empty: Ignore.
	Signals Signals `json:"signals,omitempty"`
}

// Node is one machine of the proxy service.
type Node struct {
	Name     string    `json:"name"`
	Services []Service `json:"services"`
	// WAN names the link this node's forward proxies use to reach the origins; empty on a node without a forward proxy.
	WAN string `json:"wan,omitempty"`
	// Chassis is its hardware; nil: DefaultChassis. Hardware gives either.
	Chassis *Chassis `json:"chassis,omitempty"`
}

// Service is one program on a node: a forward proxy, a balancer if Balance is set, or a DNS responder if DNS is.
type Service struct {
	Name    string     `json:"name"`
	Engine  Engine     `json:"engine"`
	Port    int        `json:"port"` // where it listens, 1024-65535
	Balance *Balance   `json:"balance,omitempty"`
	DNS     *Responder `json:"dns,omitempty"`
	Parents *Parents   `json:"parents,omitempty"`
	Timers  *Timers    `json:"timers,omitempty"` // of a Squid; nil: its own defaults, as OwnTimers gives them
	Cache   *Cache     `json:"cache,omitempty"`  // of a Squid; nil: it stores nothing
}

// Cache is what a forward proxy keeps of the answers, and which other caches it asks before it goes to the origin.
type Cache struct {
	Memory   int      `json:"memory_bytes"`
	Disk     int      `json:"disk_bytes,omitempty"` // of a filesystem of its own that it keeps answers on; 0: memory alone
	Store    string   `json:"store,omitempty"`      // how it writes there: ufs or aufs
	Siblings []string `json:"siblings,omitempty"`   // nodes, each with one caching Squid
	Protocol string   `json:"protocol,omitempty"`   // of the siblings: icp, htcp or digest
}

// How a Squid writes to its disk.
const (
	UFS  = "ufs"  // by itself, waiting for each write
	AUFS = "aufs" // by threads of its own
)

// How siblings tell what they have.
const (
	ICP    = "icp"    // asked for each miss, over UDP (RFC 2186)
	HTCP   = "htcp"   // the same with the request's header fields (RFC 2756)
	Digest = "digest" // a summary of what is on the disk, fetched at the first miss and then every five minutes at most
)

// Balance spreads TCP connections over the forward proxies of other nodes, and checks their health: actively by Check,
// or passively by Passive, which nginx has instead.
type Balance struct {
	Algorithm string   `json:"algorithm"` // roundrobin, leastconn or source
	Servers   []string `json:"servers"`   // node names; each has exactly one forward proxy
	// Backup serves only while no other server is in service: the first of them that is; with Passive all that are, and
	// connections that no other server would take.
	Backup         []string      `json:"backup,omitempty"`
	Check          Check         `json:"check,omitzero"`
	Passive        *Passive      `json:"passive,omitempty"`
	ConnectTimeout time.Duration `json:"connect_timeout_ns"`
	Retries        int           `json:"retries"` // connection attempts after the first, 0-10
	// Redispatch lets a retry go to another server (HAProxy: option redispatch; nginx: proxy_next_upstream).
	Redispatch bool `json:"redispatch"`
	// RedispatchEvery is HAProxy's interval: every how many retries the server is chosen anew. 0 is the bare option: at once
	// with roundrobin and several servers in service, else at the last retry (HAProxy manual, "option redispatch").
	RedispatchEvery int `json:"redispatch_every,omitempty"`
	// ClientTimeout and ServerTimeout end a connection on which that side has been idle (HAProxy: timeout client, timeout
	// server). 0, the default, is none, as in HAProxy itself, which warns of it: 57 of 58 public files set both, at a median
	// of 50 s. No default of ours could be right: tunnels that idle longer break by it, and a frozen server holds users without it.
	ClientTimeout time.Duration `json:"client_timeout_ns,omitempty"`
	ServerTimeout time.Duration `json:"server_timeout_ns,omitempty"`
	// ProxyTimeout is nginx's own for both sides (proxy_timeout); 0 with other engines.
	ProxyTimeout time.Duration `json:"proxy_timeout_ns,omitempty"`
	// ShutdownSessions closes the connections to a server that is marked down (HAProxy: on-marked-down shutdown-sessions);
	// ShutdownBackups those to the backups when another server is marked up (on-marked-up shutdown-backup-sessions).
	ShutdownSessions bool `json:"shutdown_sessions,omitempty"`
	ShutdownBackups  bool `json:"shutdown_backup_sessions,omitempty"`
}

// IdleTimeout ends a connection on which nothing moves; 0: nothing does. A relayed byte is activity of both sides, so that
// the shorter of the two timeouts decides.
func (b Balance) IdleTimeout() time.Duration {
	shortest := b.ProxyTimeout
	for _, d := range []time.Duration{b.ClientTimeout, b.ServerTimeout} {
		if d > 0 && (shortest == 0 || d < shortest) {
			shortest = d
		}
	}
	return shortest
}

// Passive is a health check by the users' own connections (nginx: max_fails, fail_timeout): a server that MaxFails
// attempts to connect to have failed within FailTimeout is set aside for FailTimeout, then tried again with one. A server
// that is the only one is never set aside.
type Passive struct {
	MaxFails    int           `json:"max_fails"`
	FailTimeout time.Duration `json:"fail_timeout_ns"` // whole seconds, as nginx takes them
}

// CheckKind says what an active health check does.
type CheckKind string

// The kinds of health check.
const (
	CheckTCP  CheckKind = "tcp"  // connect only: does not see a frozen process
	CheckHTTP CheckKind = "http" // a request that the service itself answers
	// CheckOrigin is a request through the service to the origin: it sees all that lies behind, and fails with it.
	CheckOrigin CheckKind = "origin"
)

// Check is an active health check. Its state changes after Fall failures or Rise successes in a row.
type Check struct {
	Kind     CheckKind     `json:"kind"`
	Interval time.Duration `json:"interval_ns"`
	Timeout  time.Duration `json:"timeout_ns"` // of one check
	Fall     int           `json:"fall"`
	Rise     int           `json:"rise"`
}

// Address is an address that moves between its members by VRRP (keepalived).
type Address struct {
	Name     string        `json:"name"`
	Version  int           `json:"version"`   // 2 (RFC 3768) or 3 (RFC 5798)
	RouterID int           `json:"router_id"` // 1-255
	Advert   time.Duration `json:"advert_ns"` // whole seconds with version 2, centiseconds up to 40.95 s with version 3
	Preempt  bool          `json:"preempt"`   // a repaired node of higher priority takes the address back
	Members  []Member      `json:"members"`   // highest priority first
	Track    *Track        `json:"track,omitempty"`
}

// Member is a node that can hold an address.
type Member struct {
	Node     string `json:"node"`
	Priority int    `json:"priority"` // 1-254, unique within the address
}

// Track watches one service on every member; while its check fails the member leaves the election (Weight 0: FAULT)
// or its priority changes by Weight (-253..-1).
type Track struct {
	Service string `json:"service"`
	Weight  int    `json:"weight"`
	Check
}

// Link is a WAN link between the forward proxies and the origins. It runs on a gateway node of the link's own name.
type Link struct {
	Name    string        `json:"name"`
	Latency time.Duration `json:"latency_ns"` // added to each answer
	// Bandwidth is shared by all connections, in bit/s and for each direction; 0: no limit.
	Bandwidth int64 `json:"bandwidth_bps,omitempty"`
}

// Origin is a web server beyond the WAN, reached as http://NAME.test:8080 and https://NAME.test:8443. It runs on a
// node of its own name.
type Origin struct {
	Name string `json:"name"`
}

// Group is a group of users on one client node of the group's own name, all using the same proxy.
type Group struct {
	Name  string `json:"name"`
	Count int    `json:"count"` // 1-60000
	// Proxy is how they reach the proxy: the name of an address or of a node, and a port.
	// With PAC it is the first proxy that the script returns.
	Proxy Entry `json:"proxy"`
	PAC   *PAC  `json:"pac,omitempty"`
	// Pool is a choice of exits instead; Proxy is the first of them then.
	Pool *Pool `json:"pool,omitempty"`
	// DNS is a name instead, by which they find their proxy; Proxy is the first of its records then.
	DNS *Resolve `json:"dns,omitempty"`
}

// Entry is where users enter the proxy service.
type Entry struct {
	Host string `json:"host"` // an address or a node
	Port int    `json:"port"`
}

// Ports at which every origin serves, and every WAN link forwards.
const (
	OriginHTTP  = 8080
	OriginHTTPS = 8443
)

// BalancerHealth is the port at which every balancer answers health checks of itself; no service may listen there.
const BalancerHealth = 8404

// All are the servers, and after them the backups.
func (b Balance) All() []string { return append(slices.Clone(b.Servers), b.Backup...) }

// Balances reports whether the service is a balancer.
func (s Service) Balances() bool { return s.Balance != nil }

// Responds reports whether the service is a DNS responder.
func (s Service) Responds() bool { return s.DNS != nil }

// Forwards reports whether the service is a forward proxy.
func (s Service) Forwards() bool { return !s.Balances() && !s.Responds() }

func (s Service) kind() string {
	switch {
	case s.Balances():
		return "a balancer"
	case s.Responds():
		return "a DNS server"
	}
	return "a forward proxy"
}
