package configure

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// task collects what the engine of a service needs.
func (c configurer) task(node topology.Node, service topology.Service) (engine.Task, error) {
	t, err := c.base(node, service)
	if err != nil {
		return t, err
	}
	if t.Listen, err = c.listen(node.Name, service.Port); err != nil {
		return t, err
	}
	if t.Health, err = c.listen(node.Name, proxy.HealthPort); err != nil {
		return t, err
	}
	if t.Ready, err = c.local(node.Name, service.Port); err != nil {
		return t, err
	}
	if node.WAN != "" {
		if t.Hosts, err = c.hosts(node); err != nil {
			return t, err
		}
	}
	err = c.neighbours(&t)
	return t, err
}

// base collects what every program of a node needs.
func (c configurer) base(node topology.Node, service topology.Service) (engine.Task, error) {
	t := engine.Task{
		Node: node.Name, Service: service, Dir: c.dir(node.Name), Shared: c.site.Shared, Token: c.site.Token,
		Control: c.control(node.Name, service.Name), Signals: c.t.ReactsToSignals(), Clients: c.clients(), Guests: c.site.Guests, Checked: c.originHost(), AskedBy: c.askedBy(node.Name),
	}
	if service.Cache != nil && service.Cache.Disk > 0 {
		t.Disk = diskOf(service)
	}
	for _, origin := range c.t.Origins {
		t.Origins = append(t.Origins, host(origin))
	}
	var err error
	t.Own, err = find(c.site.LAN, node.Name)
	return t, err
}

// neighbours adds the parents, siblings, servers and records of a service.
func (c configurer) neighbours(t *engine.Task) (err error) {
	if p := t.Service.Parents; p != nil {
		if t.Parents, err = c.proxies(p.Nodes, topology.Node.ForwardProxy); err != nil {
			return err
		}
	}
	if cache := t.Service.Cache; cache != nil {
		if t.Siblings, err = c.proxies(cache.Siblings, topology.Node.Caching); err != nil {
			return err
		}
	}
	if b := t.Service.Balance; b != nil {
		if t.Servers, err = c.servers(b); err != nil {
			return err
		}
	}
	if d := t.Service.DNS; d != nil {
		if t.Records, err = c.records(*d); err != nil {
			return err
		}
	}
	return nil
}

// records resolves the records of a DNS server.
func (c configurer) records(d topology.Responder) (list []proxy.DNSRecord, err error) {
	for _, name := range d.Records {
		record, err := c.record(name, d)
		if err != nil {
			return nil, err
		}
		list = append(list, record)
	}
	return list, nil
}

// record resolves one record, with the check of its service.
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
	case d.Check.Kind == topology.CheckHTTP && service.Balances(): // a balancer answers at its health port
		r.Probe = "http://" + at(addr, proxy.HealthPort) + proxy.HealthPath
	}
	return r, err
}

// servers resolves the servers of a balancer, with their checks.
func (c configurer) servers(b *topology.Balance) (list []engine.Server, err error) {
	for i, name := range b.All() {
		node, _ := c.t.Node(name)
		target, ok := node.ForwardProxy()
		if !ok {
			return nil, fmt.Errorf("forward proxy of %s: %w", name, proxy.ErrNotFound)
		}
		addr, err := c.remote(name, target.Port)
		if err != nil {
			return nil, err
		}
		agent, err := c.signalAddr(name)
		if err != nil {
			return nil, err
		}
		s := engine.Server{HealthPath: c.engineOf(target).Health(), BalancedServer: proxy.BalancedServer{
			Name: name, Addr: addr, Backup: i >= len(b.Servers), Probe: c.probe(b.Check.Kind, target, addr), Agent: agent,
		}}
		if b.Check.Kind == topology.CheckOrigin {
			if s.Probe, err = c.probeOrigin(addr); err != nil {
				return nil, err
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// proxies resolves the forward proxies of nodes.
func (c configurer) proxies(nodes []string, service func(topology.Node) (topology.Service, bool)) (list []engine.Peer, err error) {
	for _, name := range nodes {
		node, _ := c.t.Node(name)
		s, ok := service(node)
		if !ok {
			return nil, fmt.Errorf("forward proxy of %s: %w", name, proxy.ErrNotFound)
		}
		addr, err := find(c.site.LAN, name)
		if err != nil {
			return nil, err
		}
		list = append(list, engine.Peer{Name: name, Addr: addr, Port: s.Port})
	}
	return list, nil
}

// askedBy lists the protocols of the nodes that have this one as a sibling.
func (c configurer) askedBy(node string) (protocols []string) {
	for _, n := range c.t.Nodes {
		if s, caches := n.Caching(); caches && slices.Contains(s.Cache.Siblings, node) {
			protocols = append(protocols, s.Cache.Protocol)
		}
	}
	return protocols
}

// clients lists the addresses that a forward proxy serves: every node of the lab, and itself.
func (c configurer) clients() []netip.Addr {
	clients := []netip.Addr{loopback}
	for _, addr := range c.site.LAN {
		clients = append(clients, addr)
	}
	slices.SortFunc(clients, netip.Addr.Compare)
	return slices.Compact(clients)
}
