package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"

	"github.com/seed-ab8b6914/spof/proxy"
)

// LinkDown takes one interface of the node down, or all of them. Processes and connections live on, and whoever watches the interface
// sees it. Recovery brings it up with the routes that it had.
var LinkDown = Executor{inject: (*host).disconnect, recover: (*host).reconnect}

// disconnected are the interfaces that a fault took down, and the node's routes before it.
type disconnected struct {
	links  *links
	routes []netlink.Route
}

func (h *host) disconnect(_ context.Context, f Fault) (p proxy.Proven, err error) {
	if h.spec.Shared {
		return p, errors.New("nodes that share one network stack have no interfaces of their own")
	}
	struck, err := h.links.named(f.Interface)
	if err != nil {
		return p, err
	}
	routes, err := readRoutes()
	if err != nil {
		return p, err
	}
	h.cables[f.ID] = disconnected{struck, routes}
	if p.Interval, err = struck.down(); err != nil {
		return p, err
	}
	p.Proof = struck.String() + " down"
	return p, nil
}

func (h *host) reconnect(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	d, ok := h.cables[f.ID]
	if !ok {
		return p, fmt.Errorf("fault %s took no interface down", f.ID)
	}
	began := proxy.Monotonic()
	if err = d.links.raise(); err != nil {
		return p, err
	}
	if err = poll(ctx, d.links.String()+" not up", d.links.working); err != nil {
		return p, err
	}
	added, err := restoreRoutes(d.routes)
	if err != nil {
		return p, err
	}
	p.Interval = proxy.Since(began)
	delete(h.cables, f.ID)
	p.Proof = fmt.Sprintf("%s up, %d route(s) restored", d.links, added)
	return p, nil
}

// named gives the interface with a name; all of them without one.
func (l *links) named(name string) (*links, error) {
	if name == "" {
		return l, nil
	}
	var have []string
	for _, link := range l.all {
		if link.Attrs().Name == name {
			return &links{all: []netlink.Link{link}, base: l.base}, nil
		}
		have = append(have, link.Attrs().Name)
	}
	return nil, fmt.Errorf("no interface %q on this node; it has: %s", name, strings.Join(have, ", "))
}

// String lists the names of the links.
func (l *links) String() string {
	var names []string
	for _, link := range l.all {
		names = append(names, link.Attrs().Name)
	}
	return strings.Join(names, ", ")
}

// working reports whether every link is up and its driver has a carrier.
func (l *links) working() bool {
	return !slices.ContainsFunc(l.all, func(link netlink.Link) bool {
		now, err := netlink.LinkByIndex(link.Attrs().Index)
		return err != nil || now.Attrs().OperState != netlink.OperUp && now.Attrs().OperState != netlink.OperUnknown
	})
}
