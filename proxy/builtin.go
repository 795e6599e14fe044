package proxy

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// Ports that the topology does not name.
const (
	VRRPPort   = 11212 // UDP: the builtin VRRP sends adverts to this port of each peer
	HealthPort = 8404  // TCP: every balancer, real or builtin, answers HealthPath here
)

// HealthPath is the path of the health page. The builtin forward proxy answers it with 200 at its own port, every balancer at
// HealthPort.
const HealthPath = "/spof-health"

// ProxyConfig is the configuration of `spof node proxy`: a forward proxy with CONNECT. Its socket is file descriptor 3. The proxy
// answers HealthPath itself, in origin form or for any host. It adds Via with Node as its pseudonym.
type ProxyConfig struct {
	Node         string            `json:"node"`
	Listen       string            `json:"listen"`        // the address of file descriptor 3
	Hosts        map[string]string `json:"hosts"`         // name -> address; the proxy resolves no other name
	Ports        []int             `json:"ports"`         // the proxy connects to no other port
	ConnectPorts []int             `json:"connect_ports"` // the proxy opens tunnels to no other port
	DialTimeout  time.Duration     `json:"dial_timeout_ns"`
	// Linger is the time from the request to end until the proxy ends. Its port is closed, and open connections continue. The
	// proxy always waits for the whole time.
	Linger time.Duration `json:"linger_ns,omitempty"`
}

// BalancerConfig is the configuration of `spof node balancer`: a TCP balancer with active or passive health checks. File descriptor
// 3 is its socket. On file descriptor 4 it answers HealthPath. It prints server-up and server-down Events as JSON lines.
type BalancerConfig struct {
	Node         string           `json:"node"`
	Listen       string           `json:"listen"`        // the address of file descriptor 3
	HealthListen string           `json:"health_listen"` // the address of file descriptor 4
	Servers      []BalancedServer `json:"servers"`
	Algorithm    string           `json:"algorithm"` // roundrobin, leastconn or source
	Check        topology.Check   `json:"check,omitzero"`
	// Passive replaces Check: the balancer judges a server only by the connections of users, as nginx does.
	Passive        *topology.Passive `json:"passive,omitempty"`
	ConnectTimeout time.Duration     `json:"connect_timeout_ns"`
	Retries        int               `json:"retries"` // connection attempts after the first
	// Redispatch, RedispatchEvery, ShutdownSessions and ShutdownBackups are those of topology.Balance.
	Redispatch      bool `json:"redispatch"`
	RedispatchEvery int  `json:"redispatch_every,omitempty"`
	// IdleTimeout ends a connection after both sides have sent nothing for this time; 0: never.
	IdleTimeout      time.Duration `json:"idle_timeout_ns,omitempty"`
	ShutdownSessions bool          `json:"shutdown_sessions,omitempty"`
	ShutdownBackups  bool          `json:"shutdown_backup_sessions,omitempty"`
}

// BalancedServer is one server of a balancer.
type BalancedServer struct {
	Name   string `json:"name"`             // the node
	Addr   string `json:"addr"`             // host:port
	Backup bool   `json:"backup,omitempty"` // serves only while no other server is up
	Probe  string `json:"probe"`            // the target of Probe: a URL for http, host:port for tcp
	// Agent is the agent-check of the server's chassis, host:port; empty: no agent-check.
	Agent string `json:"agent,omitempty"`
}

// AgentInterval is the interval of agent-checks, of balancers (real and builtin) and DNS responders.
const AgentInterval = 100 * time.Millisecond

// VRRPConfig is the configuration of `spof node vrrp`: the VRRP state machine, with adverts over UDP at VRRPPort. It prints
// vrrp Events as JSON lines.
type VRRPConfig struct {
	Node string `json:"node"`
	Own  string `json:"own"` // this node's address, which receives adverts at VRRPPort
	// Shared says that addresses do not move: the agent follows the events and relays the addresses. Without Shared the
	// master adds them to Interface and announces them by gratuitous ARP.
	Shared    bool           `json:"shared"`
	Interface string         `json:"interface,omitempty"`
	Token     string         `json:"token,omitempty"` // adverts must carry it: see Site
	Instances []VRRPInstance `json:"instances"`
}

// VRRPInstance is one address that a node may hold.
type VRRPInstance struct {
	Address  string        `json:"address"` // the address's name: Subject of the events
	VIP      string        `json:"vip"`     // the IP address
	RouterID int           `json:"router_id"`
	Version  int           `json:"version"` // 2 or 3: selects the formula of the skew
	Advert   time.Duration `json:"advert_ns"`
	Priority int           `json:"priority"`
	Preempt  bool          `json:"preempt"`
	Peers    []string      `json:"peers"` // addresses of the other members
	Track    *VRRPTrack    `json:"track,omitempty"`
	Signals  *VRRPSignals  `json:"signals,omitempty"`
}

// VRRPTrack is the health check of an instance. While it fails, the instance is in FAULT if Weight is 0; else Weight changes the
// priority.
type VRRPTrack struct {
	topology.Check
	Probe  string `json:"probe"` // the target of Probe
	Weight int    `json:"weight"`
}

// WANConfig is the configuration of `spof node wan`: Toxiproxy as a WAN link.
type WANConfig struct {
	Link    string        `json:"link"`
	API     string        `json:"api"` // unix socket of Toxiproxy's API
	Proxies []WANProxy    `json:"proxies"`
	Latency time.Duration `json:"latency_ns"` // added to each answer
	// Bandwidth is the limit of all connections together, in bit/s for each direction; 0: no limit.
	Bandwidth int64 `json:"bandwidth_bps,omitempty"`
}

// RelayCost is the time that a WAN link without latency adds to a round trip, because it relays connections.
type RelayCost struct {
	N        int           `json:"n"`         // measured answers with the relay, and as many without
	Direct   time.Duration `json:"direct_ns"` // p50 of the round trips without the relay
	AddedP50 time.Duration `json:"added_p50_ns"`
	AddedP99 time.Duration `json:"added_p99_ns"`
}

// WANProxy is one Toxiproxy proxy: a port of an origin.
type WANProxy struct {
	Name     string `json:"name"` // ORIGIN-http or ORIGIN-https
	Listen   string `json:"listen"`
	Upstream string `json:"upstream"`
}

// OriginConfig is the configuration of `spof node origin`. File descriptors 3 and 4 are its sockets for HTTP and HTTPS.
type OriginConfig struct {
	Node      string `json:"node"`
	Listen    string `json:"listen"`             // the address of file descriptor 3
	Pace      string `json:"pace,omitempty"`     // unix socket: sets the delay of answers, see SlowDown
	Refusing  string `json:"refusing,omitempty"` // unix socket: sets the refused clients, see Refuse
	ListenTLS string `json:"listen_tls"`         // the address of file descriptor 4
	// Pages: it stands for the web servers of a team's files, so every path that is no object's is a small page, and OPTIONS is answered
	// with 204. Otherwise such a path is 404.
	Pages       bool   `json:"pages,omitempty"`
	Certificate string `json:"certificate"` // PEM
	Key         string `json:"key"`         // PEM
}
