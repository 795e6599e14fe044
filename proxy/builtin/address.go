package builtin

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Gratuitous ARP as in keepalived: garpCount packets at the transition, and garpCount packets again after garpDelay.
const (
	garpCount = 5
	garpDelay = 5 * time.Second
)

// interfaceAddress is an IPv4 address, with prefix 32, that this node adds to its interface while it is master.
type interfaceAddress struct {
	link  netlink.Link
	addr  *netlink.Addr
	vip   netip.Addr
	again context.CancelFunc // cancels the second announcement; nil while the node does not hold the address
}

func newInterfaceAddress(name, vip string) (*interfaceAddress, error) {
	ip, err := netip.ParseAddr(vip)
	if err != nil {
		return nil, fmt.Errorf("vip: %w", err)
	}
	if !ip.Is4() {
		return nil, fmt.Errorf("vip %s: only IPv4 addresses move", vip)
	}
	link, err := netlink.LinkByName(name)
	if err != nil {
		return nil, fmt.Errorf("interface %q: %w", name, err)
	}
	addr := &netlink.Addr{IPNet: &net.IPNet{IP: ip.AsSlice(), Mask: net.CIDRMask(32, 32)}}
	return &interfaceAddress{link: link, addr: addr, vip: ip}, nil
}

// take adds the address and announces it, at once and again after garpDelay.
func (a *interfaceAddress) take(ctx context.Context) error {
	if err := netlink.AddrAdd(a.link, a.addr); err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("add %s to %s: %w", a.vip, a.link.Attrs().Name, err)
	}
	if err := a.announce(); err != nil {
		return err
	}
	if a.again != nil {
		a.again()
	}
	ctx, a.again = context.WithCancel(ctx)
	go func() {
		if sleepUntil(ctx, proxy.Monotonic()+int64(garpDelay)) {
			_ = a.announce() // the first announcement succeeded
		}
	}()
	return nil
}

// drop removes the address if the interface has it.
func (a *interfaceAddress) drop() error {
	if a.again != nil {
		a.again()
		a.again = nil
	}
	if err := netlink.AddrDel(a.link, a.addr); err != nil && !errors.Is(err, unix.EADDRNOTAVAIL) {
		return fmt.Errorf("remove %s from %s: %w", a.vip, a.link.Attrs().Name, err)
	}
	return nil
}

// announce broadcasts gratuitous ARP: neighbours then send to this node.
func (a *interfaceAddress) announce() error {
	hardware := a.link.Attrs().HardwareAddr
	if len(hardware) != 6 {
		return nil // not Ethernet: no ARP
	}
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("gratuitous ARP: %w", err)
	}
	defer unix.Close(socket)
	to := &unix.SockaddrLinklayer{Ifindex: a.link.Attrs().Index, Halen: 6, Addr: [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}}
	frame := gratuitousARP(hardware, a.vip)
	for range garpCount {
		if err := unix.Sendto(socket, frame, 0, to); err != nil && !errors.Is(err, unix.ENETDOWN) {
			return fmt.Errorf("gratuitous ARP: %w", err)
		}
	}
	return nil
}

// gratuitousARP gives the Ethernet frame of an ARP request for the sender's own address (RFC 826; RFC 5227, section 3).
func gratuitousARP(hardware net.HardwareAddr, vip netip.Addr) []byte {
	const (
		etherARP, ethernet, etherIPv4 = 0x0806, 1, 0x0800
		request                       = 1
	)
	frame := make([]byte, 0, 42)
	frame = append(frame, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	frame = append(frame, hardware...)
	frame = binary.BigEndian.AppendUint16(frame, etherARP)
	frame = binary.BigEndian.AppendUint16(frame, ethernet)
	frame = binary.BigEndian.AppendUint16(frame, etherIPv4)
	frame = append(frame, 6, 4)
	frame = binary.BigEndian.AppendUint16(frame, request)
	frame = append(frame, hardware...)
	frame = append(frame, vip.AsSlice()...)
	frame = append(frame, 0, 0, 0, 0, 0, 0)
	return append(frame, vip.AsSlice()...)
}
