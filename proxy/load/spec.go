package load

import (
	"sync/atomic"
	"time"
)

// Spec is one run of load from one client node.
type Spec struct {
	Start    int64         `json:"start_ns"` // CLOCK_MONOTONIC instant of the first request; Sample.Scheduled counts from it
	Duration time.Duration `json:"duration_ns"`
	Rate     float64       `json:"rate_per_s"` // requests per second, evenly spaced
	Surges   []Surge       `json:"surges,omitempty"`
	Users    int           `json:"users"`
	Seed     uint64        `json:"seed"`
	// Proxy is the forward proxy of all users, host:port with an IP address. If it is empty, exactly one of Pool, DNS and PAC
	// gives the hops of a request.
	Proxy string `json:"proxy,omitempty"`
	Pool  *Pool  `json:"pool,omitempty"`
	DNS   *DNS   `json:"dns,omitempty"`
	// Direct is the IP address at which requests without a proxy reach the origins, at the origins' own ports. Empty: the users
	// have no direct path, and such requests end as Unreachable.
	Direct string `json:"direct,omitempty"`
	PAC    *PAC   `json:"pac,omitempty"`
	// ConnectTimeout bounds each attempt to connect if there are several hops. 0: only Timeout bounds it.
	ConnectTimeout time.Duration `json:"connect_timeout_ns,omitempty"`
	// Sources are addresses of this node from which the users connect: user i from address i modulo their number. Empty: the kernel chooses.
	Sources []string `json:"sources,omitempty"`
	// Account is user:password, which all users send to their proxy, or with Web to the server (RFC 7617). Empty: none.
	Account string `json:"account,omitempty"`
	// Web: Proxy is a web server for the users, not a proxy. Its pages may be its own, so no answer can be Corrupt: each whole answer with a
	// status below 400 is OK, whatever its body is. There is no TLS.
	Web bool `json:"web,omitempty"`
	// ViaOptional: the proxies may send no Via. A request is Bypassed only if its hop was Direct.
	ViaOptional bool `json:"via_optional,omitempty"`

	Origins   []string `json:"origins"` // host names, without port
	HTTPPort  int      `json:"http_port"`
	HTTPSPort int      `json:"https_port"`
	CA        []byte   `json:"ca"`        // PEM: the certificate authority of the origins
	TLSShare  float64  `json:"tls_share"` // share of HTTPS requests through CONNECT, 0-1
	NewShare  float64  `json:"new_share"` // share of requests with a new connection, 0-1
	// Retry sends a request once more on a new connection when its kept connection ended without a byte of an answer (RFC 9112,
	// section 9.3.1), as browsers and HTTP libraries do. Latency still counts from the schedule.
	Retry     bool `json:"retry"`
	BodyBytes int  `json:"body_bytes"` // size of each answer's body
	// Objects is the catalogue that the users share. nil: every request has an object of its own, which no cache stores.
	Objects *Objects `json:"objects,omitempty"`
	// Streams are the WebSockets of some users. nil: no user has one.
	Streams *Streams      `json:"streams,omitempty"`
	Timeout time.Duration `json:"timeout_ns"` // of the whole request, from Scheduled
	Nodes   []string      `json:"nodes"`      // names of the nodes in Via; Sample.Node is the index + 1
	// Sent counts the requests that were sent; nil: not counted.
	Sent *atomic.Int64 `json:"-"`
	// Script is set to the process ID of the PAC file's process; nil: not set.
	Script  *atomic.Int64 `json:"-"`
	Allowed []string      `json:"allowed"` // CIDR prefixes of the lab; every other target is refused
}
