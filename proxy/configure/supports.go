package configure

import (
	"net/netip"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/topology"
)

// Supports refuses a topology for which the engines cannot be configured, before a lab exists: it configures an invented site. builtin:
// spof's own engines stand in for the real ones. The error is ErrUnsupported.
func Supports(t *topology.Topology, builtin bool) error {
	site := proxy.Site{LAN: map[string]netip.Addr{}, WAN: map[string]netip.Addr{}, VIP: map[string]netip.Addr{}, Builtin: builtin, Dir: "/run/spof"}
	next := netip.AddrFrom4([4]byte{10, 0, 0, 1})
	give := func(name string, networks ...map[string]netip.Addr) {
		next = next.Next()
		for _, n := range networks {
			n[name] = next
		}
	}
	for _, n := range t.Nodes {
		give(n.Name, site.LAN)
	}
	for _, l := range t.WAN {
		give(l.Name, site.LAN, site.WAN)
	}
	for _, o := range t.Origins {
		give(o.Name, site.WAN)
	}
	for _, g := range t.Users {
		give(g.Name, site.LAN)
	}
	for _, a := range t.Addresses {
		give(a.Name, site.VIP)
	}
	var err error
	if site.Authority, err = proxy.NewAuthority(time.Unix(0, 0)); err != nil {
		return err
	}
	_, err = Nodes(t, site)
	return err
}
