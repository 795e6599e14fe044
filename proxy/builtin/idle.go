package builtin

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// endIdle closes a client and its server when neither has sent a byte for limit. It asks the kernel when that was, so that
// it costs nothing while bytes pass; both stay what io.Copy can splice.
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

// quietFor is how long ago a peer last sent anything, to a millisecond; for ever where the connection is closed.
func quietFor(c *net.TCPConn) time.Duration {
	const forEver = time.Duration(1<<63 - 1)
	raw, err := c.SyscallConn()
	if err != nil {
		return forEver
	}
	quiet := forEver
	_ = raw.Control(func(fd uintptr) {
		if info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			quiet = time.Duration(info.Last_data_recv) * time.Millisecond
		}
	})
	return quiet
}
