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

// responder is the process of a DNS responder.
func (c configurer) responder(node topology.Node, service topology.Service) (Process, error) {
	listen, err := c.listen(node.Name, service.Port)
	if err != nil {
		return Process{}, err
	}
	local, err := c.local(node.Name, service.Port)
	if err != nil {
		return Process{}, err
	}
	control, d := c.control(node.Name, service.Name), service.DNS
	config := DNSConfig{Node: node.Name, Listen: listen, Control: control, Host: d.Host(), TTL: uint32(d.TTL.Seconds()), Check: d.Check}
	for _, name := range d.Records {
		record, err := c.record(name, *d)
		if err != nil {
			return Process{}, err
		}
		config.Records = append(config.Records, record)
	}
	process, err := builtin(service.Name, "builtin", "dns", c.dir(node.Name), config)
	process.Listen, process.Ready = []string{listen}, local
	process.Responder = &ResponderFace{Control: control, Server: local, Host: config.Host}
	return process, err
}

// record is one record of a responder, with how the service behind it is checked.
func (c configurer) record(name string, d topology.Responder) (DNSRecord, error) {
	node, _ := c.t.Node(name)
	service, ok := node.Serving(d.Port)
	if !ok {
		return DNSRecord{}, fmt.Errorf("service at port %d of %s: %w", d.Port, name, ErrNotFound)
	}
	addr, err := find(c.site.LAN, name)
	if err != nil {
		return DNSRecord{}, err
	}
	r := DNSRecord{Name: name, Addr: addr.String(), Probe: c.probe(d.Check.Kind, service, at(addr, d.Port))}
	if r.Agent, err = c.signalAddr(name); err != nil {
		return DNSRecord{}, err
	}
	switch {
	case d.Check.Kind == topology.CheckOrigin:
		r.Probe, err = c.probeOrigin(at(addr, d.Port))
	case d.Check.Kind == topology.CheckHTTP && service.Balances(): // balancers answer for themselves at a port of their own
		r.Probe = "http://" + at(addr, HealthPort) + HealthPath
	}
	return r, err
}
