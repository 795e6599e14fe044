package proxy

import (
	"context"
	"fmt"
	"net/http"

	"github.com/seed-ab8b6914/spof/topology"
)

// DNSMode is how a DNS responder answers.
type DNSMode string

// The modes.
const (
	DNSWell     DNSMode = "well"     // with the records that its checks leave
	DNSServfail DNSMode = "servfail" // with SERVFAIL, as one that has lost its data or its upstream
	DNSSilent   DNSMode = "silent"   // not at all: it reads and drops
)

// DNSConfig is the configuration of `spof node dns`: a DNS server for one name, over UDP and TCP. File descriptor 3 is its TCP
// socket; it opens the UDP one itself. It prints a record event for each record at its start, and whenever a check or a
// chassis takes one out of its answers or back.
type DNSConfig struct {
	Node    string         `json:"node"`
	Listen  string         `json:"listen"`  // UDP, and what file descriptor 3 is bound to
	Control string         `json:"control"` // unix socket where its mode is set: see SetDNS
	Host    string         `json:"host"`    // the name that it answers for
	TTL     uint32         `json:"ttl_s"`
	Records []DNSRecord    `json:"records"`
	Check   topology.Check `json:"check"`
}

// DNSRecord is one address of the name.
type DNSRecord struct {
	Name  string `json:"name"`            // its node
	Addr  string `json:"addr"`            // an IPv4 address
	Probe string `json:"probe"`           // the target of Probe
	Agent string `json:"agent,omitempty"` // where the node's chassis answers agent-checks; empty: it is not asked
}

// ResponderFace is how a node's agent sees its DNS responder.
type ResponderFace struct {
	Control string `json:"control"` // unix socket: see SetDNS
	Server  string `json:"server"`  // host:port for questions, over UDP
	Host    string `json:"host"`    // the name that it answers for
}

// SetDNS has the DNS responder whose control is at a unix socket answer in a mode. It fails unless the responder says that it will.
func SetDNS(ctx context.Context, socket string, mode DNSMode) error {
	text, err := tell(ctx, http.MethodPut, socket, "/", string(mode))
	if err != nil {
		return fmt.Errorf("control of the DNS responder: %w", err)
	}
	if text != string(mode) {
		return fmt.Errorf("the DNS responder is in mode %q where %q was asked for", text, mode)
	}
	return nil
}
