package configure

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
)

// deployed gives the nodes that run the files of a team.
func (c configurer) deployed() (map[string]proxy.NodeSpec, error) {
	specs := map[string]proxy.NodeSpec{}
	for _, node := range c.t.Nodes {
		p, _ := c.t.Deployed.Placement(node.Name)
		spec := c.placed(p)
		spec.Peers, spec.Watch = c.peers(node), c.watch(node)
		for _, r := range p.Runs {
			process, err := c.own(node, r)
			if err != nil {
				return nil, fmt.Errorf("node %s: %w", node.Name, err)
			}
			spec.Processes = append(spec.Processes, process)
		}
		specs[node.Name] = spec
	}
	for _, link := range c.t.WAN {
		p, _ := c.t.Deployed.Placement(link.Name)
		spec, err := c.outside(link, p)
		if err != nil {
			return nil, fmt.Errorf("wan link %s: %w", link.Name, err)
		}
		specs[link.Name] = spec
	}
	for _, origin := range c.t.Origins {
		process, err := c.origin(origin)
		if err != nil {
			return nil, fmt.Errorf("origin %s: %w", origin.Name, err)
		}
		specs[origin.Name] = c.spec(origin.Name, process)
	}
	for _, group := range c.t.Users {
		p, _ := c.t.Deployed.Placement(group.Name)
		spec := c.placed(p)
		spec.Watch = c.watched(group)
		specs[group.Name] = spec
	}
	return specs, nil
}

// placed gives the network and the files of a placement.
func (c configurer) placed(p topology.Placement) proxy.NodeSpec {
	spec := c.spec(p.Node)
	spec.Network = &proxy.NodeNetwork{Resolver: c.resolver()}
	for _, i := range p.Interfaces {
		end := proxy.NodeInterface{Name: i.Name, Addresses: []netip.Prefix{i.Address}, Local: c.site.Carrier[p.Node]}
		for _, a := range p.Also {
			if i.Address.Contains(a) {
				end.Addresses = append(end.Addresses, netip.PrefixFrom(a, i.Address.Bits()))
			}
		}
		for n, network := range c.t.Deployed.Networks {
			if network.Name == i.Network {
				end.Network = n + 1
			}
		}
		for _, other := range c.t.Deployed.Placements {
			if other.Node != p.Node && slices.ContainsFunc(other.Interfaces, func(o topology.NetInterface) bool { return o.Network == i.Network }) {
				end.Peers = append(end.Peers, c.site.Carrier[other.Node])
			}
		}
		spec.Network.Interfaces = append(spec.Network.Interfaces, end)
	}
	for _, f := range p.Made {
		mode := uint32(0o644)
		if f.Exec {
			mode = 0o755
		}
		spec.Files = append(spec.Files, proxy.File{Path: f.Path, Mode: mode, Content: string(f.Content)})
	}
	return spec
}

// resolver is the DNS server of the lab: on its first WAN link.
func (c configurer) resolver() netip.Addr {
	if len(c.t.WAN) == 0 {
		return netip.Addr{}
	}
	return c.site.LAN[c.t.WAN[0].Name]
}

// own runs an engine with a file of the team.
func (c configurer) own(node topology.Node, r topology.OwnRun) (proxy.Process, error) {
	e, _ := registry.Of(string(r.Engine))
	if r.Service == proxy.ServiceKeepalived {
		e = holding(false)
	}
	process, ok := e.RunOwn(engine.Own{Service: r.Service, Path: r.Path, Ready: r.Ready, StopsIn: r.StopsIn, Names: r.Names})
	if !ok {
		return process, reason.Errorf("unknown-engine", "%s of a team's file: %w", r.Engine, proxy.ErrUnsupported)
	}
	return process, nil
}

// outside runs what is behind a WAN link: the way to the origin, and the DNS server of the lab.
func (c configurer) outside(link topology.Link, p topology.Placement) (proxy.NodeSpec, error) {
	spec := c.placed(p)
	wan, err := c.wan(link)
	if err != nil {
		return spec, err
	}
	names, err := c.labNames(link)
	spec.Processes = append(spec.Processes, wan, names)
	return spec, err
}
