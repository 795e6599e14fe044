package agent

import (
	"fmt"
	"net"
	"net/netip"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

const (
	portVXLAN = 4789 // RFC 7348
	frameMTU  = 1500
)

// setUp makes the interfaces of the node, and names its DNS server. The interface of the lab's own network gets a name that no file uses.
func setUp(n proxy.NodeNetwork) error {
	found, err := netlink.LinkList()
	if err != nil {
		return err
	}
	for _, link := range found {
		if link.Attrs().Flags&net.FlagLoopback != 0 {
			continue
		}
		if err := rename(link, fmt.Sprintf("lab%d", link.Attrs().Index)); err != nil {
			return err
		}
	}
	for _, i := range n.Interfaces {
		if err := virtual(i); err != nil {
			return fmt.Errorf("interface %s: %w", i.Name, err)
		}
	}
	// The engine binds this file into the container: it cannot be replaced, but written.
	return os.WriteFile("/etc/resolv.conf", fmt.Appendf(nil, "nameserver %s\n", n.Resolver), 0o644)
}

// rename gives an interface another name, for which it must be down.
func rename(link netlink.Link, name string) error {
	if err := netlink.LinkSetDown(link); err != nil {
		return fmt.Errorf("link %s down: %w", link.Attrs().Name, err)
	}
	if err := netlink.LinkSetName(link, name); err != nil {
		return fmt.Errorf("link %s to %s: %w", link.Attrs().Name, name, err)
	}
	return netlink.LinkSetUp(link)
}

// virtual makes an end of a virtual network. Frames to all, and to a station that it has not heard yet, go to every peer.
func virtual(i proxy.NodeInterface) error {
	link := &netlink.Vxlan{LinkAttrs: netlink.LinkAttrs{Name: i.Name, MTU: frameMTU}, VxlanId: i.Network, SrcAddr: i.Local.AsSlice(), Port: portVXLAN, Learning: true}
	if err := netlink.LinkAdd(link); err != nil {
		return fmt.Errorf("VXLAN: %w", err)
	}
	for _, peer := range i.Peers {
		err := netlink.NeighAppend(&netlink.Neigh{
			LinkIndex: link.Index, Family: unix.AF_BRIDGE, State: netlink.NUD_PERMANENT | netlink.NUD_NOARP, Flags: netlink.NTF_SELF,
			IP: peer.AsSlice(), HardwareAddr: make(net.HardwareAddr, 6),
		})
		if err != nil {
			return fmt.Errorf("peer %s: %w", peer, err)
		}
	}
	for _, p := range i.Addresses {
		if err := netlink.AddrAdd(link, &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: net.CIDRMask(p.Bits(), p.Addr().BitLen())}, Broadcast: broadcast(p).AsSlice()}); err != nil {
			return fmt.Errorf("address %s: %w", p, err)
		}
	}
	return netlink.LinkSetUp(link)
}

// broadcast is the highest address of an IPv4 network.
func broadcast(p netip.Prefix) netip.Addr {
	a := p.Masked().Addr().As4()
	for bit := p.Bits(); bit < 32; bit++ {
		a[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(a)
}
