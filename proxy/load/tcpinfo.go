package load

import (
	"math"

	"golang.org/x/sys/unix"
)

// resends is what TCP sent again for one request, on all the connections that it was tried on; saturated.
type resends struct {
	syns uint8
	data uint8 // segments without SYNs
}

// countSYNs adds the SYNs that the kernel repeated to open the connection, once it stands or is given up: nothing else has
// been sent by then.
func (c *conn) countSYNs() {
	c.resent = c.socket.resent()
	c.req.tcp.syns = addSaturated(c.req.tcp.syns, c.resent)
}

// countResent adds the segments sent again since the last count, on a connection that stands. Between two requests it sends
// none.
func (c *conn) countResent() {
	if c.stream == nil {
		return
	}
	total := c.socket.resent()
	if total > c.resent {
		c.req.tcp.data = addSaturated(c.req.tcp.data, total-c.resent)
		c.resent = total
	}
}

// resent is how many segments the kernel has sent again on this connection, its SYNs among them (TCP_INFO); 0 once the
// socket is closed. A connection that fails keeps its count.
func (s *socket) resent() (n uint32) {
	_ = s.raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = info.Total_retrans
		}
	})
	return n
}

func addSaturated(a uint8, b uint32) uint8 {
	return uint8(min(uint32(a)+min(b, math.MaxUint8), math.MaxUint8))
}
