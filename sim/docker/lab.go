package docker

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/topology"
)

// stateDir is the directory for configuration and state of a node's services, in the container's memory.
const stateDir = "/run/spof"

// closeTime bounds the removal of a lab that did not start.
const closeTime = 30 * time.Second

// lab is one deployed topology.
type lab struct {
	clock
	began  int64 // when Deploy was called, on the controller's clock
	id     string
	engine *engine
	dial   dialFunc
	site   proxy.Site
	lanIn  map[string]string // options of the LAN's bridge
	guests bool              // the LAN admits programs that are no nodes

	mu      sync.Mutex
	links   map[string]*agent.Link
	closing bool // Close ends the containers
}

var _ sim.Lab = (*lab)(nil)

// Deploy starts a container for every node of t and returns when all agents have said hello. On an error, and when ctx ends, it
// leaves nothing behind.
func (r *Runtime) Deploy(ctx context.Context, t topology.Topology, say func(string)) (sim.Lab, error) {
	began := sim.HostClock{}.Now()
	e, err := r.connected(ctx)
	if err != nil {
		return nil, err
	}
	if err := r.Prepare(ctx, t, say); err != nil {
		return nil, err
	}
	l := &lab{
		began: began, id: newID(), engine: e, dial: r.dial, links: map[string]*agent.Link{},
		site: proxy.Site{Builtin: r.builtin, Dir: stateDir},
	}
	if l.guests = r.hostOnLAN; !l.guests {
		l.lanIn = closedIn
	}
	err = l.up(ctx, t, places(t, r.builtin), func(kind string) (string, error) { return r.image(ctx, e, kind, say) })
	if err == nil {
		return l, nil
	}
	cctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTime)
	defer cancel()
	return nil, errors.Join(fmt.Errorf("lab %s: %w", l.id, err), l.Close(cctx))
}

// newID is a lab's ID: 32 random bits in hex, so that labs side by side have different IDs.
func newID() string {
	b := make([]byte, 4)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func (l *lab) up(ctx context.Context, t topology.Topology, ps []place, image func(kind string) (string, error)) error {
	nets, err := l.makeNetworks(ctx, t)
	if err != nil {
		return err
	}
	g, gctx := errgroup.WithContext(ctx)
	for i, p := range ps {
		p.turn = i
		g.Go(func() error {
			id, err := image(p.image)
			if err != nil {
				return err
			}
			link, err := l.startNode(gctx, p, id, nets)
			if err != nil {
				return reason.Errorf("node-not-started", "node %s: %w", p.node, err)
			}
			l.mu.Lock()
			l.links[p.node] = link
			l.mu.Unlock()
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx) // it caused the nodes' errors
		}
		return err
	}
	if err := l.locate(ctx, t, ps, nets); err != nil {
		return err
	}
	l.clock, err = measure(ctx, l.links[ps[0].node])
	return err
}

// locate fills in the site: the address of every node, and the VRRP addresses.
func (l *lab) locate(ctx context.Context, t topology.Topology, ps []place, nets networks) error {
	lan, wan, err := l.readAddresses(ctx, nets)
	if err != nil {
		return err
	}
	for _, p := range ps {
		if p.lan && p.own == nil && !lan.nodes[p.node].IsValid() || p.wan && !wan.nodes[p.node].IsValid() {
			return reason.Errorf("node-not-started", "node %s has no address: its container has ended (%v)", p.node, l.links[p.node].Err())
		}
	}
	l.site.LAN, l.site.WAN = lan.nodes, wan.nodes
	if t.Deployed != nil {
		l.site.VIP = t.Deployed.Virtual
		for _, p := range t.Deployed.Placements {
			l.site.LAN[p.Node] = p.Interfaces[0].Address.Addr()
		}
		return nil
	}
	if l.guests {
		l.site.Guests = lan.prefix.Masked()
	}
	vips, err := lan.floating(len(t.Addresses))
	if err != nil {
		return err
	}
	l.site.VIP = map[string]netip.Addr{}
	for i, a := range t.Addresses {
		l.site.VIP[a.Name] = vips[i]
	}
	return nil
}

// ID is the value of LabelLab on all containers and networks of the lab.
func (l *lab) ID() string { return l.id }

// Site gives the addresses of all nodes.
func (l *lab) Site() proxy.Site { return l.site }

// Began is when Deploy was called, on the lab's clock.
func (l *lab) Began() int64 { return l.began + l.offset }

// Node gives a node's agent; nil if there is no such node.
func (l *lab) Node(name string) sim.Node {
	if link := l.link(name); link != nil {
		return link
	}
	return nil
}

func (l *lab) link(name string) *agent.Link {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.links[name]
}

// Close removes the lab's containers and networks, then hangs up on the agents.
func (l *lab) Close(ctx context.Context) error {
	l.mu.Lock()
	l.closing = true
	l.mu.Unlock()
	_, err := remove(ctx, l.engine, l.id)
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, link := range l.links {
		_ = link.Close() // its container is gone, or ends now
	}
	return err
}

// ended gives the reason why a container ended.
func (l *lab) ended(id string) error {
	l.mu.Lock()
	closing := l.closing
	l.mu.Unlock()
	if closing {
		return io.EOF
	}
	return l.engine.whyGone(id)
}

// LAN is the name of the network of nodes and users, which other containers may join.
func (l *lab) LAN() string { return l.lanName() }

func (l *lab) containerName(node string) string { return "spof-" + l.id + "-" + node }

func (l *lab) labels() map[string]string {
	labels := owner()
	labels[LabelLab] = l.id
	return labels
}
