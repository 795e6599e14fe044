package agent

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/mdlayher/socket"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Places in the Ethernet frame of an ARP packet for IPv4 (RFC 826), in bytes.
const (
	frameType    = 12
	frameARP     = 14 // begin of the packet; hardware type, protocol type and lengths
	garpHardware = frameARP + 8
	garpSender   = frameARP + arpSender
	garpTarget   = frameARP + arpTarget
	frameEnd     = frameARP + 28
)

// ethernetIPv4 is the begin of such a packet: hardware type Ethernet, protocol type IPv4, lengths 6 and 4.
const ethernetIPv4 = 0x0001_0800_0604

// gratuitous passes ARP packets whose sender asks for its own address, or tells of it (RFC 5227, section 3). The kernel drops all others
// before the agent is woken.
var gratuitous = []bpf.Instruction{
	bpf.LoadAbsolute{Off: frameType, Size: 2},
	bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.ETH_P_ARP, SkipTrue: 5},
	bpf.LoadAbsolute{Off: garpSender, Size: 4},
	bpf.TAX{},
	bpf.LoadAbsolute{Off: garpTarget, Size: 4},
	bpf.JumpIfX{Cond: bpf.JumpNotEqual, SkipTrue: 1},
	bpf.RetConstant{Val: frameEnd},
	bpf.RetConstant{Val: 0},
}

// announcement is one gratuitous ARP packet.
type announcement struct {
	address  netip.Addr
	hardware string // address of the announcing interface
	sent     bool   // by this node
}

// parseAnnouncement reads an Ethernet frame; ok is false if it is no gratuitous ARP for IPv4.
func parseAnnouncement(frame []byte) (a announcement, ok bool) {
	if len(frame) < frameEnd || binary.BigEndian.Uint16(frame[frameType:]) != unix.ETH_P_ARP || binary.BigEndian.Uint64(frame[frameARP:])>>16 != ethernetIPv4 {
		return announcement{}, false
	}
	sender, target := [4]byte(frame[garpSender:]), [4]byte(frame[garpTarget:])
	return announcement{address: netip.AddrFrom4(sender), hardware: net.HardwareAddr(frame[garpHardware:garpSender]).String()}, sender == target
}

// capture is a socket for gratuitous ARP.
type capture struct {
	conn *socket.Conn
	// waited is when the last packet had been read: the next one came later.
	waited int64
}

// openCapture opens a capture in the network of this node; it needs CAP_NET_RAW. own: it also sees what the node itself sends on the
// interface link. Only sockets of all protocols do, to which the kernel shows every packet, so they are bound to one interface.
func openCapture(own bool, link int) (*capture, error) {
	protocol := uint16(unix.ETH_P_ARP)
	if own {
		protocol = unix.ETH_P_ALL
	}
	filter, err := bpf.Assemble(gratuitous)
	if err != nil {
		return nil, err
	}
	conn, err := socket.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0, "gratuitous ARP", nil)
	if err != nil {
		return nil, err
	}
	err = errors.Join( // the filter comes before the protocol, which begins the capture
		conn.SetBPF(filter), conn.SetsockoptInt(unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1),
		conn.Bind(&unix.SockaddrLinklayer{Protocol: protocol<<8 | protocol>>8, Ifindex: link}))
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &capture{conn: conn, waited: proxy.Monotonic()}, nil
}

// next waits for an announcement and gives the interval in which it came. The error is final.
func (c *capture) next(ctx context.Context) (announcement, proxy.Interval, error) {
	frame, control := make([]byte, frameEnd), make([]byte, 64)
	for {
		n, more, _, from, err := c.conn.Recvmsg(ctx, frame, control, 0)
		if errors.Is(err, unix.ENETDOWN) { // the interface went down; the socket works again when it is up
			continue
		}
		if err != nil {
			return announcement{}, proxy.Interval{}, fmt.Errorf("gratuitous ARP: %w", err)
		}
		within := c.came(control[:more])
		a, ok := parseAnnouncement(frame[:n])
		if !ok {
			continue
		}
		if at, is := from.(*unix.SockaddrLinklayer); is {
			a.sent = at.Pkttype == unix.PACKET_OUTGOING
		}
		return a, within, nil
	}
}

// came is the interval in which a packet came, by the kernel's timestamp: it is as wide as the reading of two clocks. Without a usable
// timestamp it begins when the packet before was read.
func (c *capture) came(control []byte) proxy.Interval {
	since := c.waited
	stamp, ok := stampOf(control)
	before := proxy.Monotonic()
	var wall unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_REALTIME, &wall) // every Linux has it
	after := proxy.Monotonic()
	c.waited = after
	age := wall.Nano() - stamp
	if !ok || age < 0 || before-age < since-time.Second.Nanoseconds() { // the wall clock was set meanwhile
		return proxy.Interval{Before: since, After: after}
	}
	return proxy.Interval{Before: before - age, After: after - age}
}

// stampOf finds the kernel's timestamp (SO_TIMESTAMPNS, socket(7)) in the control messages of a packet, in ns of CLOCK_REALTIME.
func stampOf(control []byte) (ns int64, ok bool) {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return 0, false
	}
	for _, m := range messages {
		if m.Header.Level == unix.SOL_SOCKET && m.Header.Type == unix.SO_TIMESTAMPNS && len(m.Data) >= 16 {
			s, frac := binary.NativeEndian.Uint64(m.Data), binary.NativeEndian.Uint64(m.Data[8:])
			return int64(s)*time.Second.Nanoseconds() + int64(frac), true
		}
	}
	return 0, false
}

func (c *capture) close() { _ = c.conn.Close() }
