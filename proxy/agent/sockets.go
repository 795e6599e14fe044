package agent

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// forgetRounds bounds how often the sockets are listed again: others may appear while some are destroyed.
const forgetRounds = 5

// forgetConnections destroys every TCP socket of the node but the listening ones, and gives their number. A killed process leaves its
// connections to the kernel, which goes on trying to close them; a machine that lost its power knows nothing of them, and
// answers their peers, and new connections from the same ports, accordingly.
func forgetConnections() (forgotten int, err error) {
	for range forgetRounds {
		sockets, err := listSockets()
		if err != nil || len(sockets) == 0 {
			return forgotten, err
		}
		for _, s := range sockets {
			err := destroy(s)
			switch {
			case err == nil:
				forgotten++
			case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ESTALE): // gone meanwhile
			default:
				return forgotten, fmt.Errorf("forget the connection %s:%d to %s:%d: %w",
					s.ID.Source, s.ID.SourcePort, s.ID.Destination, s.ID.DestinationPort, err)
			}
		}
	}
	return forgotten, errors.New("TCP sockets that cannot be destroyed")
}

// listSockets lists the TCP sockets over IPv4 but the listening ones, also those that hold IPv4 addresses in IPv6 form.
func listSockets() ([]*netlink.Socket, error) {
	return listTCP(func(s *netlink.Socket) bool {
		return s.State != netlink.TCP_LISTEN && s.ID.Source.To4() != nil && s.ID.Destination.To4() != nil
	})
}

// listTCP lists the TCP sockets that are wanted.
func listTCP(wanted func(*netlink.Socket) bool) ([]*netlink.Socket, error) {
	var all []*netlink.Socket
	for _, family := range []uint8{unix.AF_INET, unix.AF_INET6} {
		sockets, err := netlink.SocketDiagTCP(family)
		if err != nil {
			return nil, fmt.Errorf("list TCP sockets: %w", err)
		}
		for _, s := range sockets {
			if wanted(s) {
				all = append(all, s)
			}
		}
	}
	return all, nil
}

// destroy destroys one socket, and no other: the request carries its cookie. Without it the kernel takes the listening
// socket where the connection has gone meanwhile, which is why netlink.SocketDestroy does not do.
func destroy(s *netlink.Socket) error {
	req := nl.NewNetlinkRequest(nl.SOCK_DESTROY, unix.NLM_F_ACK)
	req.AddData(destroyRequest{s.ID})
	_, err := req.Execute(unix.NETLINK_INET_DIAG, 0)
	return err
}

// destroyRequest is struct inet_diag_req_v2 of linux/inet_diag.h for a TCP socket over IPv4.
type destroyRequest struct{ id netlink.SocketID }

func (destroyRequest) Len() int { return 56 }

func (d destroyRequest) Serialize() []byte {
	b := make([]byte, d.Len())
	b[0], b[1] = unix.AF_INET, unix.IPPROTO_TCP
	binary.BigEndian.PutUint16(b[8:], d.id.SourcePort)
	binary.BigEndian.PutUint16(b[10:], d.id.DestinationPort)
	copy(b[12:], d.id.Source.To4())
	copy(b[28:], d.id.Destination.To4())
	binary.NativeEndian.PutUint32(b[44:], d.id.Interface)
	binary.NativeEndian.PutUint32(b[48:], d.id.Cookie[0])
	binary.NativeEndian.PutUint32(b[52:], d.id.Cookie[1])
	return b
}
