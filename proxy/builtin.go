package proxy

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// Ports of the builtin programs beside those of the topology.
const (
	VRRPPort   = 11212 // UDP: the builtin VRRP sends its adverts to each peer's address at this port
	HealthPort = 8404  // TCP: where every balancer, real or builtin, answers HealthPath
)

// HealthPath is answered with 200 by the builtin forward proxy at its own port and by every balancer at HealthPort.
const HealthPath = "/spof-health"

// ProxyConfig is the configuration of `spof node proxy`: a forward proxy with CONNECT. Its socket is file descriptor 3.
// It answers HealthPath itself, in origin form or for any host, and adds Via with Node as its pseudonym.
type ProxyConfig struct {
	Node         string            `json:"node"`
	Listen       string            `json:"listen"`        // what file descriptor 3 is bound to
	Hosts        map[string]string `json:"hosts"`         // the only names it resolves, to addresses
	Ports        []int             `json:"ports"`         // the only ports it connects to
	ConnectPorts []int             `json:"connect_ports"` // the only ports it opens tunnels to
	DialTimeout  time.Duration     `json:"dial_timeout_ns"`
	// Linger is how long it goes on with the connections it has when it is told to end, its port closed. It takes all of it.
	Linger time.Duration `json:"linger_ns,omitempty"`
}

// BalancerConfig is the configuration of `spof node balancer`: a TCP balancer with active or passive health checks. File descriptor
// 3 is its socket, 4 the one on which it answers HealthPath. It prints server-up and server-down Events as JSON lines.
type BalancerConfig struct {
	Node         string           `json:"node"`
	Listen       string           `json:"listen"`        // what file descriptor 3 is bound to
	HealthListen string           `json:"health_listen"` // what file descriptor 4 is bound to
	Servers      []BalancedServer `json:"servers"`
	Algorithm    string           `json:"algorithm"` // roundrobin, leastconn or source
	Check        topology.Check   `json:"check,omitzero"`
	// Passive replaces Check: servers are judged by the connections to them alone, as nginx does.
	Passive        *topology.Passive `json:"passive,omitempty"`
	ConnectTimeout time.Duration     `json:"connect_timeout_ns"`
	Retries        int               `json:"retries"` // connection attempts after the first
	// Redispatch, RedispatchEvery, ShutdownSessions and ShutdownBackups are those of topology.Balance.
	Redispatch      bool `json:"redispatch"`
	RedispatchEvery int  `json:"redispatch_every,omitempty"`
	// IdleTimeout ends a connection on which neither side has sent anything for so long; 0: nothing does.
	IdleTimeout      time.Duration `json:"idle_timeout_ns,omitempty"`
	ShutdownSessions bool          `json:"shutdown_sessions,omitempty"`
	ShutdownBackups  bool          `json:"shutdown_backup_sessions,omitempty"`
}

// BalancedServer is one server of a balancer.
type BalancedServer struct {
	Name   string `json:"name"`             // its node
	Addr   string `json:"addr"`             // host:port
	Backup bool   `json:"backup,omitempty"` // serves only while no other server is up
	Probe  string `json:"probe"`            // the target of Probe: a URL for http, host:port for tcp
	// Agent is where its chassis answers as an agent-check, host:port; empty: nobody asks.
	Agent string `json:"agent,omitempty"`
}

// AgentInterval is how often a balancer, real or builtin, asks a server's chassis, and a DNS responder that of a record.
const AgentInterval = 100 * time.Millisecond

// VRRPConfig is the configuration of `spof node vrrp`: VRRP's state machine, with adverts over UDP at VRRPPort. It prints
// vrrp Events as JSON lines.
type VRRPConfig struct {
	Node string `json:"node"`
	Own  string `json:"own"` // this node's address; adverts are received at it, VRRPPort
	// Shared says that addresses are not moved: the agent relays them on seeing the events. Else the master adds them to
	// Interface and announces them by gratuitous ARP.
	Shared    bool           `json:"shared"`
	Interface string         `json:"interface,omitempty"`
	Token     string         `json:"token,omitempty"` // what adverts must carry: see Site
	Instances []VRRPInstance `json:"instances"`
}

// VRRPInstance is one address a node may hold.
type VRRPInstance struct {
	Address  string        `json:"address"` // its name: Subject of the events
	VIP      string        `json:"vip"`     // the address itself
	RouterID int           `json:"router_id"`
	Version  int           `json:"version"` // 2 or 3: how the skew is computed
	Advert   time.Duration `json:"advert_ns"`
	Priority int           `json:"priority"`
	Preempt  bool          `json:"preempt"`
	Peers    []string      `json:"peers"` // addresses of the other members
	Track    *VRRPTrack    `json:"track,omitempty"`
	Signals  *VRRPSignals  `json:"signals,omitempty"`
}

// VRRPTrack is a health check that decides over an instance: FAULT while it fails if Weight is 0, else the priority
// changes by Weight.
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
	// Bandwidth is shared by all connections, in bit/s and for each direction; 0: no limit.
	Bandwidth int64 `json:"bandwidth_bps,omitempty"`
}

// RelayCost is what a WAN link adds to a round trip though it has no latency of its own, since it relays connections.
type RelayCost struct {
	N        int           `json:"n"`         // answers timed, each way
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
	Node        string `json:"node"`
	Listen      string `json:"listen"`             // what file descriptor 3 is bound to
	Pace        string `json:"pace,omitempty"`     // unix socket where it is told how slow to be: see SlowDown
	Refusing    string `json:"refusing,omitempty"` // unix socket where it is told whom to refuse: see Refuse
	ListenTLS   string `json:"listen_tls"`         // what file descriptor 4 is bound to
	Certificate string `json:"certificate"`        // PEM
	Key         string `json:"key"`                // PEM
}
