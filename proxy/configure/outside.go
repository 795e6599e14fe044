package configure

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine/builtin"
	"github.com/seed-ab8b6914/spof/topology"
)

// ownWays are the ports at which a WAN link of a team's files forwards to the origin, at all its addresses.
var ownWays = []struct {
	scheme   string
	from, to int
}{
	{"http", topology.OriginHTTP, topology.OriginHTTP},
	{"https", topology.OriginHTTPS, topology.OriginHTTPS},
	{"http", topology.WebHTTP, topology.OriginHTTP},
	{"https", topology.WebHTTPS, topology.OriginHTTPS},
}

// ownProxies gives the proxies of a WAN link of a team's files. Package toxi needs the names to end with the scheme.
func ownProxies(origin string, far netip.Addr) (list []proxy.WANProxy) {
	for _, way := range ownWays {
		list = append(list, proxy.WANProxy{
			Name: fmt.Sprintf("%s-%d-%s", origin, way.from, way.scheme), Listen: at(netip.IPv4Unspecified(), way.from), Upstream: at(far, way.to),
		})
	}
	return list
}

// labNames runs the DNS server of a lab of a team's files, on a WAN link.
func (c configurer) labNames(link topology.Link) (proxy.Process, error) {
	lan, err := find(c.site.LAN, link.Name)
	if err != nil {
		return proxy.Process{}, err
	}
	config := proxy.NamesConfig{Listen: at(netip.IPv4Unspecified(), topology.DNSPort), Names: map[string]netip.Addr{}, Others: lan}
	for _, p := range c.t.Deployed.Placements {
		if len(p.Interfaces) == 0 {
			return proxy.Process{}, fmt.Errorf("%s: %w", p.Node, proxy.ErrNoAddress)
		}
		for _, name := range append([]string{p.Node}, p.Names...) {
			config.Names[name] = p.Interfaces[0].Address.Addr()
		}
	}
	return builtin.Names(c.dir(link.Name), at(lan, topology.DNSPort), config)
}

// hostsOf gives the further hosts of an origin's certificate: those that the users of a team's files ask for, and their subdomains.
func (c configurer) hostsOf(origin topology.Origin) (hosts []string) {
	if c.t.Deployed == nil {
		return nil
	}
	for _, users := range c.t.Deployed.Users {
		for _, h := range users.Hosts {
			hosts = append(hosts, h)
			if _, err := netip.ParseAddr(h); err != nil { // an address has no subdomains
				hosts = append(hosts, "*."+h)
			}
		}
	}
	slices.Sort(hosts)
	return slices.DeleteFunc(slices.Compact(hosts), func(h string) bool { return h == host(origin) })
}
