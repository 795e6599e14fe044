package proxy

import (
	"context"
	"fmt"
	"net/http"

	"github.com/seed-ab8b6914/spof/topology"
)

// DNSMode says how a DNS responder answers.
type DNSMode string

// The modes.
const (
	DNSWell     DNSMode = "well"     // with the healthy records
	DNSServfail DNSMode = "servfail" // with SERVFAIL, like a server that lost its data or its upstream
	DNSSilent   DNSMode = "silent"   // it drops every query
)

// DNSConfig is the configuration of `spof node dns`: a DNS server for one name, over UDP and TCP. File descriptor 3 is its TCP
// socket. The server opens the UDP socket itself. It prints a record event for each record at the start, and each time that a
// check or a chassis withdraws a record or brings it back.
type DNSConfig struct {
	Node    string         `json:"node"`
	Listen  string         `json:"listen"`  // UDP, and the address of file descriptor 3
	Control string         `json:"control"` // unix socket: sets the mode, see SetDNS
	Host    string         `json:"host"`    // the name
	TTL     uint32         `json:"ttl_s"`
	Records []DNSRecord    `json:"records"`
	Check   topology.Check `json:"check"`
}

// DNSRecord is one address of the name.
type DNSRecord struct {
	Name  string `json:"name"`            // the node
	Addr  string `json:"addr"`            // an IPv4 address
	Probe string `json:"probe"`           // the target of Probe
	Agent string `json:"agent,omitempty"` // host:port of the chassis's agent-check; empty: none
}

// ResponderFace is the access of a node's agent to its DNS responder.
type ResponderFace struct {
	Control string `json:"control"` // unix socket: see SetDNS
	Server  string `json:"server"`  // host:port for queries over UDP
	Host    string `json:"host"`    // the name that the responder serves
}

// SetDNS sets the mode of the DNS responder whose control is at a unix socket. It fails unless the responder confirms the mode.
func SetDNS(ctx context.Context, socket string, mode DNSMode) error {
	text, err := tell(ctx, http.MethodPut, socket, "/", string(mode))
	if err != nil {
		return fmt.Errorf("control of the DNS responder: %w", err)
	}
	if text != string(mode) {
		return fmt.Errorf("the DNS responder is in mode %q: want %q", text, mode)
	}
	return nil
}
