package configure

import (
	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/builtin"
	"github.com/seed-ab8b6914/spof/topology"
)

// wan runs a gateway.
func (c configurer) wan(link topology.Link) (proxy.Process, error) {
	lan, err := find(c.site.LAN, link.Name)
	if err != nil {
		return proxy.Process{}, err
	}
	config := proxy.WANConfig{Link: link.Name, API: c.control(link.Name, proxy.ServiceWAN), Latency: link.Latency, Bandwidth: link.Bandwidth}
	for _, origin := range c.t.Origins {
		far, err := find(c.site.WAN, origin.Name)
		if err != nil {
			return proxy.Process{}, err
		}
		if c.t.Deployed != nil {
			config.Proxies = append(config.Proxies, ownProxies(origin.Name, far)...)
			continue
		}
		config.Proxies = append(config.Proxies,
			proxy.WANProxy{Name: origin.Name + "-http", Listen: at(lan, topology.OriginHTTP), Upstream: at(far, topology.OriginHTTP)},
			proxy.WANProxy{Name: origin.Name + "-https", Listen: at(lan, topology.OriginHTTPS), Upstream: at(far, topology.OriginHTTPS)})
	}
	return builtin.WAN(c.dir(link.Name), at(lan, topology.OriginHTTP), config)
}

// origin runs a web server behind the WAN.
func (c configurer) origin(origin topology.Origin) (proxy.Process, error) {
	addr, err := find(c.site.WAN, origin.Name)
	if err != nil {
		return proxy.Process{}, err
	}
	if c.site.Authority == nil {
		return proxy.Process{}, proxy.ErrNoAuthority
	}
	cert, key, err := c.site.Authority.Certificate(host(origin), c.hostsOf(origin)...)
	if err != nil {
		return proxy.Process{}, err
	}
	config := proxy.OriginConfig{
		Node: origin.Name, Listen: at(addr, topology.OriginHTTP), ListenTLS: at(addr, topology.OriginHTTPS),
		Certificate: string(cert), Key: string(key), Pages: c.t.Deployed != nil,
	}
	if !c.site.Shared { // on a shared network stack all links have the same source address
		config.Refusing = c.control(origin.Name, "refusing")
	}
	config.Pace = c.control(origin.Name, "pace")
	return builtin.Origin(c.dir(origin.Name), config)
}
