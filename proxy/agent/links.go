package agent

import (
	"errors"
	"fmt"
	"net"

	"github.com/vishvananda/netlink"

	"github.com/seed-ab8b6914/spof/proxy"
)

// links are the node's network interfaces without the loopback, and their addresses and routes at the start.
type links struct {
	all    []netlink.Link
	base   map[string]bool // CIDR
	routes []netlink.Route
}

func readLinks() (*links, error) {
	found, err := netlink.LinkList()
	if err != nil {
		return nil, fmt.Errorf("network links: %w", err)
	}
	l := &links{base: map[string]bool{}}
	for _, link := range found {
		if link.Attrs().Flags&net.FlagLoopback != 0 || link.Attrs().Flags&net.FlagUp == 0 {
			continue
		}
		addrs, err := netlink.AddrList(link, netlink.FAMILY_V4)
		if err != nil {
			return nil, fmt.Errorf("addresses of %s: %w", link.Attrs().Name, err)
		}
		for _, a := range addrs {
			l.base[a.IPNet.String()] = true
		}
		l.all = append(l.all, link)
	}
	if len(l.all) == 0 {
		return nil, errors.New("this node has no network link")
	}
	l.routes, err = readRoutes()
	return l, err
}

// down takes every link down and checks the result. The interval is from before the first call to after the last.
func (l *links) down() (proxy.Interval, error) {
	began := proxy.Monotonic()
	for _, link := range l.all {
		if err := netlink.LinkSetDown(link); err != nil {
			return proxy.Interval{}, fmt.Errorf("link %s down: %w", link.Attrs().Name, err)
		}
	}
	within := proxy.Since(began)
	for _, link := range l.all {
		now, err := netlink.LinkByIndex(link.Attrs().Index)
		if err != nil {
			return proxy.Interval{}, fmt.Errorf("link %s: %w", link.Attrs().Name, err)
		}
		if now.Attrs().Flags&net.FlagUp != 0 {
			return proxy.Interval{}, fmt.Errorf("link %s is still up", link.Attrs().Name)
		}
	}
	return within, nil
}

// up brings every link up with only its addresses and routes at the start: a power loss removes addresses that moved to the node.
func (l *links) up() error {
	for _, link := range l.all {
		addrs, err := netlink.AddrList(link, netlink.FAMILY_V4)
		if err != nil {
			return err
		}
		for _, a := range addrs {
			if !l.base[a.IPNet.String()] {
				if err := netlink.AddrDel(link, &a); err != nil {
					return fmt.Errorf("link %s: forget %s: %w", link.Attrs().Name, a.IPNet, err)
				}
			}
		}
	}
	if err := l.raise(); err != nil {
		return err
	}
	_, err := restoreRoutes(l.routes)
	return err
}

// raise sets every link up. The addresses stay.
func (l *links) raise() error {
	for _, link := range l.all {
		if err := netlink.LinkSetUp(link); err != nil {
			return fmt.Errorf("link %s up: %w", link.Attrs().Name, err)
		}
	}
	return nil
}
