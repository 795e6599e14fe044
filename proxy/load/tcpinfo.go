package load

import (
	"math"

	"golang.org/x/sys/unix"
)

// resends counts what TCP sent again for one request, on all of its connections; saturated.
type resends struct {
	syns uint8
	data uint8 // segments without SYN
}

// countSYNs adds the SYNs that the kernel repeated to open the connection. It is called when the connect has succeeded or
// failed; nothing else was sent before.
func (c *conn) countSYNs() {
	c.resent = c.socket.resent()
	c.req.tcp.syns = addSaturated(c.req.tcp.syns, c.resent)
}

// countResent adds the segments that were sent again since the last count, on an established connection. Between two requests a
// connection sends none.
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

// resent gives the number of segments, SYNs included, that the kernel has sent again on this connection (TCP_INFO). It is 0 on
// a closed socket. A failed connection keeps its count.
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
