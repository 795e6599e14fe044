package agent

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// watchNetwork begins to report announcements, addresses and routes of the node, until its end.
func (h *host) watchNetwork(w proxy.NetworkWatch) error {
	var errs []error
	if len(w.Addresses) > 0 {
		errs = append(errs, h.watchAnnouncements(w))
	}
	if w.Holds {
		errs = append(errs, h.watchAddresses(w.Addresses))
	}
	if w.Routes {
		errs = append(errs, h.watchRoutes())
	}
	return errors.Join(errs...)
}

// seen reports an event of the node's network. A node without power reports none.
func (h *host) seen(e proxy.Event) {
	if !h.dark.Load() {
		h.report(e)
	}
}

// quiet is the time in which a repeated announcement is not reported again: keepalived sends five of them at once.
const quiet = time.Second

// watchAnnouncements reports the announcements of addresses.
func (h *host) watchAnnouncements(w proxy.NetworkWatch) error {
	link := 0 // all
	if w.Holds && len(h.links.all) == 1 {
		link = h.links.all[0].Attrs().Index
	}
	c, err := openCapture(w.Holds, link)
	if err != nil {
		return fmt.Errorf("announcements of addresses: %w", err)
	}
	h.background.Go(func() {
		defer c.close()
		reportAnnouncements(h.life, c.next, w.Addresses, h.seen)
	})
	h.seen(proxy.Event{At: proxy.Monotonic(), Kind: proxy.EventWatching})
	return nil
}

// reportAnnouncements reports what next gives, until its error.
func reportAnnouncements(ctx context.Context, next func(context.Context) (announcement, proxy.Interval, error), names map[netip.Addr]string, report func(proxy.Event)) {
	last := map[announcement]int64{}
	for {
		a, within, err := next(ctx)
		if err != nil {
			return
		}
		name, watched := names[a.address]
		if at, again := last[a]; !watched || again && within.After < at+quiet.Nanoseconds() {
			continue
		}
		last[a] = within.After
		state := proxy.AnnouncementHeard
		if a.sent {
			state = proxy.AnnouncementSent
		}
		report(within.Stamp(proxy.Event{Kind: proxy.EventAnnounced, Subject: name, State: state, Hardware: a.hardware, Text: a.address.String() + " is at " + a.hardware}))
	}
}

// watchAddresses reports when the node's interfaces gain or lose an address. The instant of the event is when the agent reads the kernel's
// message, as with the output of an engine: the change came before.
func (h *host) watchAddresses(names map[netip.Addr]string) error {
	changes := make(chan netlink.AddrUpdate)
	if err := netlink.AddrSubscribe(changes, h.life.Done()); err != nil {
		return fmt.Errorf("changes of addresses: %w", err)
	}
	h.background.Go(func() {
		for c := range changes {
			at := proxy.Monotonic()
			ip, _ := netip.AddrFromSlice(c.LinkAddress.IP)
			if name, ok := names[ip.Unmap()]; ok {
				h.seen(proxy.Event{At: at, Kind: proxy.EventAddress, Subject: name, State: change(c.NewAddr), Text: c.LinkAddress.String()})
			}
		}
	})
	return nil
}

// watchRoutes reports changes of the node's IPv4 routes through a gateway. Instants are as in watchAddresses.
func (h *host) watchRoutes() error {
	changes := make(chan netlink.RouteUpdate)
	if err := netlink.RouteSubscribe(changes, h.life.Done()); err != nil {
		return fmt.Errorf("changes of routes: %w", err)
	}
	h.background.Go(func() {
		for c := range changes {
			at := proxy.Monotonic()
			if to, ok := throughGateway(c.Route); ok {
				h.seen(proxy.Event{At: at, Kind: proxy.EventRoute, Subject: to, State: change(c.Type == unix.RTM_NEWROUTE), Text: "via " + gateways(c.Route)})
			}
		}
	})
	return nil
}

// throughGateway gives the destination of an IPv4 route of the main table that leads through a gateway. Routes to the node's own segments
// come and go with its links and addresses, and carry nobody elsewhere.
func throughGateway(r netlink.Route) (to string, ok bool) {
	if r.Table != unix.RT_TABLE_MAIN || r.Family != netlink.FAMILY_V4 || gateways(r) == "" {
		return "", false
	}
	if r.Dst == nil {
		return "default", true
	}
	if ones, _ := r.Dst.Mask.Size(); ones == 0 {
		return "default", true
	}
	return r.Dst.String(), true
}

// gateways lists the gateways of a route; empty: none.
func gateways(r netlink.Route) (all string) {
	if len(r.Gw) > 0 {
		return r.Gw.String()
	}
	for _, hop := range r.MultiPath {
		if len(hop.Gw) > 0 {
			if all != "" {
				all += ", "
			}
			all += hop.Gw.String()
		}
	}
	return all
}

func change(added bool) proxy.State {
	if added {
		return proxy.Added
	}
	return proxy.Removed
}
