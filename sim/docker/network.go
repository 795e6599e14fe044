package docker

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// networks are the networks of a lab. None has a route to other networks.
type networks struct {
	lan, wan string            // IDs
	own      map[string]string // ID by name, of the networks of a team's files; lan is the first of them
}

// closedIn leaves the host's bridge without an address. The nodes of an internal network have no route to other networks, but would
// reach services of the host that listen on all its addresses.
var closedIn = map[string]string{"com.docker.network.bridge.inhibit_ipv4": "true"}

func (l *lab) lanName() string { return "spof-" + l.id + "-lan" }
func (l *lab) wanName() string { return "spof-" + l.id + "-wan" }

// makeNetworks makes the networks of the lab: those of the files of a team first, because the engine chooses the addresses of the others.
func (l *lab) makeNetworks(ctx context.Context, t topology.Topology) (n networks, err error) {
	if t.Deployed != nil {
		n.own = map[string]string{}
		for i, own := range t.Deployed.Networks {
			id, err := l.makeNetwork(ctx, l.ownName(own.Name), closedIn, ipam(own, t.Deployed))
			if err != nil {
				return n, err
			}
			if n.own[own.Name] = id; i == 0 {
				n.lan = id
			}
		}
		n.wan, err = l.makeNetwork(ctx, l.wanName(), closedIn, nil)
		return n, err
	}
	var g errgroup.Group
	g.Go(func() (err error) { n.lan, err = l.makeNetwork(ctx, l.lanName(), l.lanIn, nil); return })
	g.Go(func() (err error) { n.wan, err = l.makeNetwork(ctx, l.wanName(), closedIn, nil); return })
	return n, g.Wait()
}

// makeNetwork makes a network and gives its ID. addresses nil: the engine chooses them.
func (l *lab) makeNetwork(ctx context.Context, name string, options map[string]string, addresses *network.IPAM) (string, error) {
	ctx, cancel := settled(ctx)
	defer cancel()
	r, err := l.engine.api.NetworkCreate(ctx, name, client.NetworkCreateOptions{
		Driver: "bridge", Internal: true, Options: options, Labels: l.labels(), IPAM: addresses,
	})
	switch {
	case err != nil && addresses != nil:
		return "", reason.Errorf("subnet-taken", "network %s of the files cannot be made here; another network of this machine or its engine may have it (docker network ls, ip route): %w",
			addresses.Config[0].Subnet, err)
	case err != nil:
		return "", reason.Errorf("network-not-made", "network %s (if the engine has no addresses left, `spof clean` frees those of earlier runs): %w", name, err)
	}
	return r.ID, nil
}

// ipam gives a network of a team's files its addresses. The engine reserves an address for its gateway: one that nothing else has.
func ipam(n topology.Network, d *topology.Deployed) *network.IPAM {
	used := map[netip.Addr]bool{}
	for _, p := range d.Placements {
		for _, i := range p.Interfaces {
			used[i.Address.Addr()] = true
		}
		for _, a := range p.Also {
			used[a] = true
		}
	}
	for _, a := range d.Virtual {
		used[a] = true
	}
	gateway := last(n.Prefix).Prev()
	for used[gateway] && n.Prefix.Contains(gateway) {
		gateway = gateway.Prev()
	}
	return &network.IPAM{Config: []network.IPAMConfig{{Subnet: n.Prefix, Gateway: gateway}}}
}

func (l *lab) ownName(name string) string { return "spof-" + l.id + "-net-" + name }

// readAddresses reads the address of every node on both networks.
func (l *lab) readAddresses(ctx context.Context, n networks) (lan, wan segment, err error) {
	var g errgroup.Group
	g.Go(func() (err error) { lan, err = l.readSegment(ctx, n.lan); return })
	g.Go(func() (err error) { wan, err = l.readSegment(ctx, n.wan); return })
	err = g.Wait()
	return lan, wan, err
}

// segment is a network and its nodes.
type segment struct {
	prefix  netip.Prefix
	gateway netip.Addr
	nodes   map[string]netip.Addr
}

func (l *lab) readSegment(ctx context.Context, id string) (segment, error) {
	r, err := l.engine.api.NetworkInspect(ctx, id, client.NetworkInspectOptions{})
	if err != nil {
		return segment{}, fmt.Errorf("addresses of network %s: %w", id, err)
	}
	s := segment{nodes: map[string]netip.Addr{}}
	for _, c := range r.Network.IPAM.Config {
		if c.Subnet.Addr().Is4() {
			s.prefix, s.gateway = c.Subnet, c.Gateway
		}
	}
	if !s.prefix.IsValid() {
		return segment{}, reason.Errorf("network-not-made", "network %s has no IPv4 addresses", r.Network.Name)
	}
	for _, e := range r.Network.Containers {
		s.nodes[strings.TrimPrefix(e.Name, l.containerName(""))] = e.IPv4Address.Addr()
	}
	return s, nil
}

// floating takes n free addresses from the top of a segment. The engine assigns addresses from the bottom.
func (s segment) floating(n int) ([]netip.Addr, error) {
	used := map[netip.Addr]bool{s.gateway: true}
	for _, a := range s.nodes {
		used[a] = true
	}
	list := make([]netip.Addr, 0, n)
	for a := last(s.prefix).Prev(); len(list) < n; a = a.Prev() { // below the broadcast address
		if !s.prefix.Contains(a) || a == s.prefix.Masked().Addr() {
			return nil, reason.Errorf("network-too-small", "network %s is too small for %d VRRP addresses and %d nodes", s.prefix, n, len(s.nodes))
		}
		if !used[a] {
			list = append(list, a)
		}
	}
	return list, nil
}

// last is the highest address of an IPv4 prefix.
func last(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(a)
}
