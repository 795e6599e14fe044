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
	// Proxy is the one forward proxy of all users, host:port with an IP address. Else exactly one of the choosers below says
	// by which hops a request may go.
	Proxy string `json:"proxy,omitempty"`
	Pool  *Pool  `json:"pool,omitempty"`
	DNS   *DNS   `json:"dns,omitempty"`
	// Direct is where requests without a proxy reach the origins at their own ports, an IP address: the users' own way
	// out. Empty: they have none, and such requests end as Unreachable.
	Direct string `json:"direct,omitempty"`
	PAC    *PAC   `json:"pac,omitempty"`
	// ConnectTimeout bounds each attempt to connect where there are several hops to try; 0: only Timeout does.
	ConnectTimeout time.Duration `json:"connect_timeout_ns,omitempty"`
	Origins        []string      `json:"origins"` // host names, without port
	HTTPPort       int           `json:"http_port"`
	HTTPSPort      int           `json:"https_port"`
	CA             []byte        `json:"ca"`        // PEM: what the origins' certificates are signed by
	TLSShare       float64       `json:"tls_share"` // share of requests that go as HTTPS through CONNECT, 0-1
	NewShare       float64       `json:"new_share"` // share of requests that open a connection of their own, 0-1
	// Retry sends a request again, once and on a new connection, when the kept one turns out to have ended without a byte of
	// answer (RFC 9112, section 9.3.1), as browsers and HTTP libraries do. Latency counts from the schedule all the same.
	Retry     bool `json:"retry"`
	BodyBytes int  `json:"body_bytes"` // size of each answer's body
	// Objects are what the users ask for in common; nil: every request asks for an object of its own, which no cache keeps.
	Objects *Objects `json:"objects,omitempty"`
	// Streams are what some users hold open beside their requests; nil: nobody does.
	Streams *Streams      `json:"streams,omitempty"`
	Timeout time.Duration `json:"timeout_ns"` // of the whole request, from Scheduled
	Nodes   []string      `json:"nodes"`      // names that may stand in Via; Sample.Node is the index + 1
	// Sent counts the requests that have left; nil: nobody counts.
	Sent *atomic.Int64 `json:"-"`
	// Script is set to the process that evaluates the PAC file; nil: nobody asks.
	Script  *atomic.Int64 `json:"-"`
	Allowed []string      `json:"allowed"` // CIDR prefixes of the lab: any other target is refused
}
