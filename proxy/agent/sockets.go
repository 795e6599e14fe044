package agent

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"
)

// forgetRounds bounds the number of listings: new sockets may appear while others are destroyed.
const forgetRounds = 5

// forgetConnections destroys every TCP socket of the node except listening ones, and gives their number. The kernel still tries to close
// the connections of a killed process. A machine that lost its power does not know them: it answers their peers, and new connections
// from the same ports, accordingly.
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
	return forgotten, errors.New("some TCP sockets cannot be destroyed")
}

// listSockets lists the TCP sockets over IPv4 except listening ones, also those with IPv4 addresses in IPv6 form.
func listSockets() ([]*netlink.Socket, error) {
	return listTCP(func(s *netlink.Socket) bool {
		return s.State != netlink.TCP_LISTEN && s.ID.Source.To4() != nil && s.ID.Destination.To4() != nil
	})
}

// listTCP lists the TCP sockets that wanted selects.
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

// destroy destroys exactly one socket: the request has its cookie. Without a cookie, as in netlink.SocketDestroy, the kernel destroys
// the listening socket if the connection has gone meanwhile.
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
