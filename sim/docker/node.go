package docker

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"

	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
)

// Limits of a node.
const (
	nodeMemory = 2 << 30 // bytes
	nodePids   = 4096
	shmSize    = 256 << 20 // bytes of /dev/shm: Squid's shared memory

	// apart is the time between the ends of two nodes after the controller was killed. Docker 20.10 deadlocks, or counts endpoints
	// that are gone, when containers leave a network at the same time (see each).
	apart = 250 * time.Millisecond

	helloTime = 15 * time.Second // from the start of a container to its agent's hello
)

// sysctls of a node: enough ports for a new connection per request, their reuse after 1 s, and no rate limit of ICMP errors. The default
// limit is one per second and peer (icmp(7)); here all users of a group share one address, and each must learn that a UDP port is closed.
var sysctls = map[string]string{
	"net.ipv4.ip_local_port_range": "15000 65000",
	"net.ipv4.tcp_tw_reuse":        "1",
	"net.ipv4.icmp_ratelimit":      "0",
}

// startNode creates a container, attaches to it, starts it and shakes hands with its agent. In this order no output of the agent is
// lost, and the agent always has a lease.
func (l *lab) startNode(ctx context.Context, p place, image string, nets networks) (*agent.Link, error) {
	c, err := l.create(ctx, p, image, nets)
	if err != nil {
		return nil, err
	}
	sctx, cancel := settled(ctx)
	defer cancel()
	ch, err := attach(sctx, l.engine.api, c.GetContainerID(), func() error { return l.ended(c.GetContainerID()) })
	if err != nil {
		return nil, fmt.Errorf("attach: %w", err)
	}
	if err := ctx.Err(); err != nil {
		_ = ch.Close()
		return nil, err
	}
	if err := c.Start(sctx); err != nil {
		_ = ch.Close()
		return nil, err
	}
	hctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	return l.dial(hctx, p.node, ch) // closes the channel on an error
}

// create makes the container of a node on its networks. It does not start the container.
func (l *lab) create(ctx context.Context, p place, image string, nets networks) (testcontainers.Container, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx, cancel := settled(ctx)
	defer cancel()
	c, err := l.engine.provider.CreateContainer(ctx, l.request(p, image, nets))
	switch {
	case err != nil && l.engine.reaps():
		return nil, reason.Errorf("reaper-on", "%w; testcontainers-go starts its reaper first, because this process has used it before the lab, or asked for that: "+
			"TESTCONTAINERS_RYUK_DISABLED=true in the environment turns it off", err)
	case err != nil:
		return nil, err
	}
	if p.own != nil {
		for _, i := range p.own.Interfaces[1:] {
			_, err := l.engine.api.NetworkConnect(ctx, nets.own[i.Network], client.NetworkConnectOptions{
				Container: c.GetContainerID(), EndpointConfig: &network.EndpointSettings{IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: i.Address.Addr()}},
			})
			if err != nil {
				return nil, fmt.Errorf("connect to %s: %w", l.ownName(i.Network), err)
			}
		}
	}
	if p.lan && p.wan { // engines before API 1.44 take one network at creation
		_, err := l.engine.api.NetworkConnect(ctx, nets.wan, client.NetworkConnectOptions{Container: c.GetContainerID()})
		if err != nil {
			return nil, fmt.Errorf("connect to %s: %w", l.wanName(), err)
		}
	}
	return c, nil
}

// filesystems are the filesystems of a node other than its root, all in memory. Those of its services have the size of their disks.
func filesystems(disks map[string]int) map[string]string {
	list := map[string]string{"/run": "rw,nosuid,nodev,mode=755", "/tmp": "rw,nosuid,nodev,mode=1777"}
	for where, size := range disks {
		list[where] = fmt.Sprintf("rw,nosuid,nodev,noexec,mode=1777,size=%d", size)
	}
	return list
}

// ownLoopback is the DNS server to which the engine forwards a node's questions for foreign names: the node itself, where none listens.
// By default the engine would ask the host's DNS servers, from the host, even for a node on internal networks.
var ownLoopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// request describes the container of a node. The image is an ID: the engine might pull a name.
func (l *lab) request(p place, image string, nets networks) testcontainers.ContainerRequest {
	first, id := l.lanName(), nets.lan
	if !p.lan {
		first, id = l.wanName(), nets.wan
	}
	endpoint := &network.EndpointSettings{NetworkID: id}
	settings := sysctls
	if p.own != nil {
		i := p.own.Interfaces[0]
		first, endpoint.NetworkID = l.ownName(i.Network), nets.own[i.Network]
		endpoint.IPAMConfig = &network.EndpointIPAMConfig{IPv4Address: i.Address.Addr()}
		settings = maps.Clone(sysctls)
		maps.Copy(settings, p.own.Sysctls)
	}
	labels := l.labels()
	labels[LabelNode] = p.node
	return testcontainers.ContainerRequest{
		Image:      image,
		Name:       l.containerName(p.node),
		Labels:     labels,
		Entrypoint: []string{"/spof", "node", "agent", "--name", p.node, "--linger", (time.Duration(p.turn) * apart).String()},
		Tmpfs:      filesystems(p.disks),
		ConfigModifier: func(c *container.Config) {
			c.Hostname = p.node
			c.OpenStdin, c.StdinOnce = true, true
			c.AttachStdin, c.AttachStdout, c.AttachStderr = true, true, true
		},
		HostConfigModifier: func(h *container.HostConfig) {
			h.NetworkMode = container.NetworkMode(first)
			h.AutoRemove = true
			h.LogConfig = container.LogConfig{Type: "none"}
			h.DNS = []netip.Addr{ownLoopback}
			h.IpcMode, h.ShmSize = "private", shmSize
			h.CapDrop, h.CapAdd = []string{"ALL"}, p.caps
			h.SecurityOpt = []string{"no-new-privileges"}
			h.Sysctls = settings
			h.Memory, h.PidsLimit, h.CPUShares = nodeMemory, new(int64(nodePids)), p.shares
		},
		EndpointSettingsModifier: func(s map[string]*network.EndpointSettings) {
			s[first] = endpoint
		},
	}
}
