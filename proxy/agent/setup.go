package agent

import (
	"fmt"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"

	"github.com/seed-ab8b6914/spof/proxy"
)

// setUp gives the interfaces of the node their names, adds addresses, and names the DNS server.
func setUp(n proxy.NodeNetwork) error {
	found, err := netlink.LinkList()
	if err != nil {
		return err
	}
	for _, link := range found {
		addrs, err := netlink.AddrList(link, netlink.FAMILY_V4)
		if err != nil {
			return fmt.Errorf("addresses of %s: %w", link.Attrs().Name, err)
		}
		for _, a := range addrs {
			own, _ := netip.AddrFromSlice(a.IP.To4())
			if name, ok := n.Interfaces[own]; ok && name != link.Attrs().Name {
				if err := rename(link, name); err != nil {
					return err
				}
			}
			if err := also(link, own, n.Also); err != nil {
				return err
			}
		}
	}
	// The engine binds this file into the container: it cannot be replaced, but written.
	return os.WriteFile("/etc/resolv.conf", fmt.Appendf(nil, "nameserver %s\n", n.Resolver), 0o644)
}

// rename gives an interface another name. If another interface has it, that one gets a name that no file uses.
func rename(link netlink.Link, name string) error {
	if other, err := netlink.LinkByName(name); err == nil {
		if err := named(other, fmt.Sprintf("was%d", other.Attrs().Index)); err != nil {
			return err
		}
	}
	return named(link, name)
}

// named renames an interface, which must be down meanwhile.
func named(link netlink.Link, name string) error {
	if err := netlink.LinkSetDown(link); err != nil {
		return fmt.Errorf("link %s down: %w", link.Attrs().Name, err)
	}
	if err := netlink.LinkSetName(link, name); err != nil {
		return fmt.Errorf("link %s to %s: %w", link.Attrs().Name, name, err)
	}
	return netlink.LinkSetUp(link)
}

// also adds the addresses of the network of own to its interface.
func also(link netlink.Link, own netip.Addr, all []netip.Prefix) error {
	for _, p := range all {
		if !p.Contains(own) || p.Addr() == own {
			continue
		}
		a, err := netlink.ParseAddr(p.String())
		if err != nil {
			return err
		}
		if err := netlink.AddrReplace(link, a); err != nil {
			return fmt.Errorf("address %s: %w", p, err)
		}
	}
	return nil
}
