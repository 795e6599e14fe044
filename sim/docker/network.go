package docker

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/reason"
)

// networks are the two networks of a lab. Neither has a route to other networks.
type networks struct {
	lan, wan string // IDs
}

// closedIn leaves the host's bridge without an address. The nodes of an internal network have no route to other networks, but would
// reach services of the host that listen on all its addresses.
var closedIn = map[string]string{"com.docker.network.bridge.inhibit_ipv4": "true"}

// carrying is closedIn for frames of 1500 bytes with the header of VXLAN (RFC 7348).
var carrying = map[string]string{"com.docker.network.bridge.inhibit_ipv4": "true", "com.docker.network.driver.mtu": "1600"}

func (l *lab) lanName() string { return "spof-" + l.id + "-lan" }
func (l *lab) wanName() string { return "spof-" + l.id + "-wan" }

// makeNetworks makes the two networks of the lab in parallel.
func (l *lab) makeNetworks(ctx context.Context) (networks, error) {
	var n networks
	var g errgroup.Group
	create := func(name string, options map[string]string, id *string) {
		g.Go(func() error {
			ctx, cancel := settled(ctx)
			defer cancel()
			r, err := l.engine.api.NetworkCreate(ctx, name, client.NetworkCreateOptions{
				Driver: "bridge", Internal: true, Options: options, Labels: l.labels(),
			})
			if err != nil {
				return reason.Errorf("network-not-made", "network %s (if the engine has no addresses left, `spof clean` frees those of earlier runs): %w",
					name, err)
			}
			*id = r.ID
			return nil
		})
	}
	create(l.lanName(), l.lanIn, &n.lan)
	create(l.wanName(), closedIn, &n.wan)
	err := g.Wait()
	return n, err
}

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
