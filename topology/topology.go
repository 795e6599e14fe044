// Package topology describes the design of a proxy service: nodes and their services, addresses that move between nodes, WAN
// links, origins and users. It finds the paths of requests and the single points of failure. Begin at Load and Topology. It reads
// topology files and does no other I/O. It knows no container, no process and no runtime.
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
	Power     *Power    `json:"power,omitempty"` // nil: the design does not describe it
	WAN       []Link    `json:"wan"`
	Origins   []Origin  `json:"origins"`
	Users     []Group   `json:"users"`
	// Cooling lists the cooling zones. The nodes of a zone share its cooling.
	Cooling []string `json:"cooling,omitempty"`
	// Signals is the reaction of nodes to warnings of their chassis; empty: Ignore.
	Signals Signals `json:"signals,omitempty"`
	// Deployed: the nodes run a team's own files; nil: spof writes their configuration.
	Deployed *Deployed `json:"deployed,omitempty"`
}

// Node is one machine of the proxy service.
type Node struct {
	Name     string    `json:"name"`
	Services []Service `json:"services"`
	// WAN names the link by which the node's forward proxies reach the origins; empty on a node without a forward proxy.
	WAN string `json:"wan,omitempty"`
	// Chassis is its hardware; nil: DefaultChassis. Method Hardware fills the defaults in.
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
	Timers  *Timers    `json:"timers,omitempty"` // of a Squid; nil: the defaults, see OwnTimers
	Cache   *Cache     `json:"cache,omitempty"`  // of a Squid; nil: it caches nothing
}

// Cache is the cache of a forward proxy, and the caches that it asks before it asks the origin.
type Cache struct {
	Memory   int      `json:"memory_bytes"`
	Disk     int      `json:"disk_bytes,omitempty"` // size of a filesystem of its own; 0: the cache is in memory only
	Store    string   `json:"store,omitempty"`      // on the disk: ufs or aufs
	Siblings []string `json:"siblings,omitempty"`   // nodes with a cache
	Protocol string   `json:"protocol,omitempty"`   // of the siblings: icp, htcp or digest
}

// The stores of a Squid's disk.
const (
	UFS  = "ufs"  // Squid blocks during each write
	AUFS = "aufs" // threads write
)

// The protocols between siblings.
const (
	ICP    = "icp"    // a query for each miss, over UDP (RFC 2186)
	HTCP   = "htcp"   // as ICP, with the header fields of the request (RFC 2756)
	Digest = "digest" // a summary of the disk, fetched at the first miss and then at most every five minutes
)

// Balance spreads TCP connections over the forward proxies of other nodes. It checks their health actively by Check, or with
// nginx passively by Passive.
type Balance struct {
	Algorithm string   `json:"algorithm"` // roundrobin, leastconn or source
	Servers   []string `json:"servers"`   // node names; each has exactly one forward proxy
	// Backup lists the servers that serve only while no other server is in service: the first backup in service; with Passive all
	// backups in service, which also take connections that every other server refused.
	Backup         []string      `json:"backup,omitempty"`
	Check          Check         `json:"check,omitzero"`
	Passive        *Passive      `json:"passive,omitempty"`
	ConnectTimeout time.Duration `json:"connect_timeout_ns"`
	Retries        int           `json:"retries"` // connection attempts after the first, 0-10
	// Redispatch lets a retry go to another server (HAProxy: option redispatch; nginx: proxy_next_upstream).
	Redispatch bool `json:"redispatch"`
	// RedispatchEvery is HAProxy's interval: after so many retries it chooses a server again. 0 is the option without a number:
	// HAProxy chooses at the first retry with roundrobin and several servers in service, else at the last retry (HAProxy manual,
	// "option redispatch").
	RedispatchEvery int `json:"redispatch_every,omitempty"`
	// ClientTimeout and ServerTimeout end a connection when that side has been idle so long (HAProxy: timeout client, timeout
	// server). 0, the default, is no timeout, as in HAProxy, which warns of it: 57 of 58 public files set both, with a median of
	// 50 s. spof sets no default: a timeout breaks tunnels that are idle for longer, and without one a frozen server keeps its
	// users waiting.
	ClientTimeout time.Duration `json:"client_timeout_ns,omitempty"`
	ServerTimeout time.Duration `json:"server_timeout_ns,omitempty"`
	// ProxyTimeout is nginx's idle timeout of both sides (proxy_timeout); 0 with other engines.
	ProxyTimeout time.Duration `json:"proxy_timeout_ns,omitempty"`
	// ShutdownSessions closes the connections to a server when it is marked down (HAProxy: on-marked-down shutdown-sessions).
	// ShutdownBackups closes the connections to backups when another server is marked up (on-marked-up shutdown-backup-sessions).
	ShutdownSessions bool `json:"shutdown_sessions,omitempty"`
	ShutdownBackups  bool `json:"shutdown_backup_sessions,omitempty"`
}

// IdleTimeout is the time after which an idle connection ends; 0: never. A relayed byte counts as activity of both sides, so the
// shorter of the two timeouts decides.
func (b Balance) IdleTimeout() time.Duration {
	shortest := b.ProxyTimeout
	for _, d := range []time.Duration{b.ClientTimeout, b.ServerTimeout} {
		if d > 0 && (shortest == 0 || d < shortest) {
			shortest = d
		}
	}
	return shortest
}

// Passive is a health check by the users' own connections (nginx: max_fails, fail_timeout). After MaxFails failed connection
// attempts within FailTimeout, nginx does not use the server for FailTimeout, and then tries it with one connection. It always
// uses a server that is the only one.
type Passive struct {
	MaxFails    int           `json:"max_fails"`
	FailTimeout time.Duration `json:"fail_timeout_ns"` // whole seconds
}

// CheckKind is the kind of an active health check.
type CheckKind string

// The kinds of health check.
const (
	CheckTCP  CheckKind = "tcp"  // connects only: does not detect a frozen process
	CheckHTTP CheckKind = "http" // a request that the service itself answers
	// CheckOrigin is a request through the service to the origin: it fails with anything on the path.
	CheckOrigin CheckKind = "origin"
)

// Check is an active health check. Its state changes to down after Fall failures in a row, and to up after Rise successes.
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

// Track is a check of one service on every member. While it fails, the member leaves the election (Weight 0: FAULT), or its
// priority changes by Weight (-253 to -1).
type Track struct {
	Service string `json:"service"`
	Weight  int    `json:"weight"`
	Check
}

// Link is a WAN link between the forward proxies and the origins. It runs on a gateway node with the link's name.
type Link struct {
	Name    string        `json:"name"`
	Latency time.Duration `json:"latency_ns"` // added to each answer
	// Bandwidth is for each direction, in bit/s; all connections share it; 0: no limit.
	Bandwidth int64 `json:"bandwidth_bps,omitempty"`
}

// Origin is a web server behind the WAN, with the URLs http://NAME.test:8080 and https://NAME.test:8443. It runs on a node with
// its name.
type Origin struct {
	Name string `json:"name"`
}

// Group is a group of users on one client node with the group's name. All reach the proxy by the same path.
type Group struct {
	Name  string `json:"name"`
	Count int    `json:"count"` // 1-60000
	// Proxy is the users' entry: the name of an address or a node, and a port. With PAC it is the first proxy that the
	// script returns, with Pool the first exit, with DNS the first record.
	Proxy Entry    `json:"proxy"`
	PAC   *PAC     `json:"pac,omitempty"`
	Pool  *Pool    `json:"pool,omitempty"`
	DNS   *Resolve `json:"dns,omitempty"`
}

// Entry is a place at which users enter the proxy service.
type Entry struct {
	Host string `json:"host"` // an address or a node
	Port int    `json:"port"`
}

// Ports at which every origin serves, and every WAN link forwards.
const (
	OriginHTTP  = 8080
	OriginHTTPS = 8443
)

// Ports of the web, at which the users of a team's own files ask for pages, and of DNS. A WAN link of such a design serves at them too.
const (
	WebHTTP  = 80
	WebHTTPS = 443
	DNSPort  = 53
)

// BalancerHealth is the port at which every balancer answers checks of its own health; no service may listen there.
const BalancerHealth = 8404

// All lists the servers, then the backups.
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
