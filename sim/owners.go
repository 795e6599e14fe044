package sim

import (
	"net/netip"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// asOwners makes the users of a group those of a team's own files: they ask for its hosts at the ports of the web, with its account and
// from addresses of their own. It changes nothing for other designs.
func asOwners(spec *load.Spec, t topology.Topology, site proxy.Site, g topology.Group) error {
	d := t.Deployed
	if d == nil {
		return nil
	}
	users, ok := ownUsers(d, g.Name)
	place, placed := d.Placement(g.Name)
	if !ok || !placed || len(place.Interfaces) == 0 {
		return reason.Errorf("no-node", "the lab of the files does not say what users %s ask for, or where they are", g.Name)
	}
	if spec.Streams != nil && (users.Web || !users.TLS) {
		return reason.Errorf("no-tls", "users %s cannot have streams: a stream needs CONNECT HOST:443, which the entry does not let them use", g.Name)
	}
	spec.HTTPPort, spec.HTTPSPort = topology.WebHTTP, topology.WebHTTPS
	spec.Origins, spec.Account, spec.Web, spec.ViaOptional = users.Hosts, users.Account, users.Web, true
	if users.Web || !users.TLS {
		spec.TLSShare = 0
	}
	spec.Sources = append(spec.Sources, place.Interfaces[0].Address.Addr().String())
	for _, a := range place.Also {
		spec.Sources = append(spec.Sources, a.String())
	}
	spec.Allowed = nil
	for _, n := range d.Networks {
		spec.Allowed = append(spec.Allowed, n.Prefix.String())
	}
	if spec.PAC != nil {
		spec.PAC.Hosts = ownNames(d, users, site, t.WAN)
	}
	return nil
}

func ownUsers(d *topology.Deployed, group string) (topology.OwnUsers, bool) {
	for _, u := range d.Users {
		if u.Group == group {
			return u, true
		}
	}
	return topology.OwnUsers{}, false
}

// ownNames gives the names that a PAC file of a team can use: those that the lab's DNS has, the hosts that the users ask for, and each
// address of a node by itself.
func ownNames(d *topology.Deployed, users topology.OwnUsers, site proxy.Site, links []topology.Link) map[string]string {
	names := map[string]string{}
	add := func(name string, addr netip.Addr) { names[strings.ToLower(name)] = addr.String() } // as scripts name them
	if len(links) > 0 {
		for _, h := range users.Hosts {
			add(h, site.LAN[links[0].Name])
		}
	}
	for _, p := range d.Placements {
		for _, i := range p.Interfaces {
			add(i.Address.Addr().String(), i.Address.Addr())
		}
		if len(p.Interfaces) > 0 {
			for _, name := range append([]string{p.Node}, p.Names...) {
				add(name, p.Interfaces[0].Address.Addr())
			}
		}
	}
	for name, addr := range site.VIP {
		add(name, addr)
		add(addr.String(), addr)
	}
	return names
}
