package configure

import (
	"fmt"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// responder is the process of a DNS responder.
func (c configurer) responder(node topology.Node, service topology.Service) (proxy.Process, error) {
	listen, err := c.listen(node.Name, service.Port)
	if err != nil {
		return proxy.Process{}, err
	}
	local, err := c.local(node.Name, service.Port)
	if err != nil {
		return proxy.Process{}, err
	}
	control, d := c.control(node.Name, service.Name), service.DNS
	config := proxy.DNSConfig{Node: node.Name, Listen: listen, Control: control, Host: d.Host(), TTL: uint32(d.TTL.Seconds()), Check: d.Check}
	for _, name := range d.Records {
		record, err := c.record(name, *d)
		if err != nil {
			return proxy.Process{}, err
		}
		config.Records = append(config.Records, record)
	}
	process, err := builtin(service.Name, "builtin", "dns", c.dir(node.Name), config)
	process.Listen, process.Ready = []string{listen}, local
	process.Responder = &proxy.ResponderFace{Control: control, Server: local, Host: config.Host}
	return process, err
}

// record is one record of a responder, with how the service behind it is checked.
func (c configurer) record(name string, d topology.Responder) (proxy.DNSRecord, error) {
	node, _ := c.t.Node(name)
	service, ok := node.Serving(d.Port)
	if !ok {
		return proxy.DNSRecord{}, fmt.Errorf("service at port %d of %s: %w", d.Port, name, proxy.ErrNotFound)
	}
	addr, err := find(c.site.LAN, name)
	if err != nil {
		return proxy.DNSRecord{}, err
	}
	r := proxy.DNSRecord{Name: name, Addr: addr.String(), Probe: c.probe(d.Check.Kind, service, at(addr, d.Port))}
	if r.Agent, err = c.signalAddr(name); err != nil {
		return proxy.DNSRecord{}, err
	}
	switch {
	case d.Check.Kind == topology.CheckOrigin:
		r.Probe, err = c.probeOrigin(at(addr, d.Port))
	case d.Check.Kind == topology.CheckHTTP && service.Balances(): // balancers answer for themselves at a port of their own
		r.Probe = "http://" + at(addr, proxy.HealthPort) + proxy.HealthPath
	}
	return r, err
}
