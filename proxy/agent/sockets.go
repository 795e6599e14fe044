package agent

import (
	"errors"
	"fmt"
	"net"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// forgetRounds bounds how often the sockets are listed again: others may appear while some are destroyed.
const forgetRounds = 5

// forgetConnections destroys every TCP socket of the node, and gives their number. A killed process leaves its
// connections to the kernel, which goes on trying to close them; a machine that lost its power knows nothing of them, and
// answers their peers, and new connections from the same ports, accordingly. The node must have no process left.
func forgetConnections() (forgotten int, err error) {
	for range forgetRounds {
		sockets, err := listSockets()
		if err != nil || len(sockets) == 0 {
			return forgotten, err
		}
		for _, s := range sockets {
			err := netlink.SocketDestroy(tcpAddr(s.ID.Source, s.ID.SourcePort), tcpAddr(s.ID.Destination, s.ID.DestinationPort))
			switch {
			case err == nil:
				forgotten++
			case errors.Is(err, unix.ENOENT): // gone meanwhile
			default:
				return forgotten, fmt.Errorf("forget the connection %s:%d to %s:%d: %w",
					s.ID.Source, s.ID.SourcePort, s.ID.Destination, s.ID.DestinationPort, err)
			}
		}
	}
	return forgotten, errors.New("TCP sockets that cannot be destroyed")
}

// listSockets lists the TCP sockets over IPv4, also those that hold IPv4 addresses in IPv6 form.
func listSockets() ([]*netlink.Socket, error) {
	var all []*netlink.Socket
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		sockets, err := netlink.SocketDiagTCP(family)
		if err != nil {
			return nil, fmt.Errorf("list TCP sockets: %w", err)
		}
		for _, s := range sockets {
			if s.ID.Source.To4() != nil && s.ID.Destination.To4() != nil {
				all = append(all, s)
			}
		}
	}
	return all, nil
}

func tcpAddr(ip net.IP, port uint16) *net.TCPAddr { return &net.TCPAddr{IP: ip, Port: int(port)} }
