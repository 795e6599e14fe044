package builtin

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// endIdle closes a client and its server when neither has sent a byte for limit. It asks the kernel for the time of the last byte, so
// it costs nothing per byte, and io.Copy can still splice.
func endIdle(server, client net.Conn, limit time.Duration) net.Conn {
	s, ok := server.(*conn)
	if !ok {
		return server
	}
	c, ok := client.(*conn)
	if !ok {
		return server
	}
	var look *time.Timer
	armed := make(chan struct{})
	look = time.AfterFunc(limit, func() {
		<-armed
		idle := min(quietFor(s.TCPConn), quietFor(c.TCPConn))
		if idle >= limit {
			_, _ = s.Close(), c.Close()
			return
		}
		look.Reset(limit - idle)
	})
	close(armed)
	s.closed = func() { look.Stop() }
	return s
}

// quietFor gives the time since the peer's last byte, in whole ms. It is the longest duration if the connection is closed.
func quietFor(c *net.TCPConn) time.Duration {
	const unknown = time.Duration(1<<63 - 1)
	raw, err := c.SyscallConn()
	if err != nil {
		return unknown
	}
	quiet := unknown
	_ = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			quiet = time.Duration(info.Last_data_recv) * time.Millisecond
		}
	})
	return quiet
}
