package builtin

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// What a peer that has gone without a word may cost: an idle connection ends keepIdle + keepCount*keepInterval after its
// peer fell silent, one with unacknowledged data after deadAfter, and one half-closed when its other half stays idle
// for halfClosed.
const (
	keepIdle     = 15 * time.Second
	keepInterval = 5 * time.Second
	keepCount    = 3
	deadAfter    = 30 * time.Second
	halfClosed   = 30 * time.Second
	headerWithin = 30 * time.Second // for a request's header to arrive
	idleAfter    = time.Hour        // kept connections without a request, as the real engines are configured
)

var keepAlive = net.KeepAliveConfig{Enable: true, Idle: keepIdle, Interval: keepInterval, Count: keepCount}

// conn is a TCP connection that does not outlive its peer by much. It stays a *net.TCPConn to io.Copy, which splices.
type conn struct {
	*net.TCPConn
	closed func() // once, on the first Close
}

// CloseWrite ends the one direction and bounds the other.
func (c *conn) CloseWrite() error { return c.closeWriteWithin(halfClosed) }

func (c *conn) closeWriteWithin(limit time.Duration) error {
	if err := c.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	return c.TCPConn.CloseWrite()
}

// Close closes the connection.
func (c *conn) Close() error {
	if c.closed != nil {
		c.closed()
	}
	return c.TCPConn.Close()
}

// tune sets what makes the kernel notice a dead peer.
func tune(c *net.TCPConn) error {
	if err := c.SetKeepAliveConfig(keepAlive); err != nil {
		return fmt.Errorf("keep-alive: %w", err)
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(deadAfter.Milliseconds()))
	})
	return errors.Join(err, set)
}

// dial connects within timeout.
func dial(ctx context.Context, addr string, timeout time.Duration) (net.Conn, error) {
	d := net.Dialer{Timeout: timeout}
	c, err := d.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	tcp := c.(*net.TCPConn) // of network "tcp" it always is
	if err := tune(tcp); err != nil {
		_ = tcp.Close()
		return nil, err
	}
	return &conn{TCPConn: tcp}, nil
}

// timedOut reports whether a connection failed by taking too long.
func timedOut(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// listener accepts connections that are tuned, counted, and closed with it. Beyond its limit they wait in the kernel.
type listener struct {
	net.Listener
	slots chan struct{}
	done  chan struct{}
	once  sync.Once

	mu   sync.Mutex
	open map[*conn]struct{} // nil once closed
}

// listen wraps a TCP listener; limit is the number of connections at once.
func listen(l net.Listener, limit int) *listener {
	return &listener{
		Listener: l,
		slots:    make(chan struct{}, limit),
		done:     make(chan struct{}),
		open:     map[*conn]struct{}{},
	}
}

// Accept waits for a connection and a free slot. Its only error is net.ErrClosed: others pass.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	for {
		c, err := l.Listener.Accept()
		switch {
		case err == nil:
			if tcp, ok := c.(*net.TCPConn); ok && tune(tcp) == nil {
				return l.add(tcp)
			}
			_ = c.Close() // reset between accept and tune
		case errors.Is(err, net.ErrClosed):
			<-l.slots
			return nil, net.ErrClosed
		default:
			l.pause() // no file descriptor left, or a connection aborted: neither ends the service
		}
	}
}

func (l *listener) pause() {
	wait := time.NewTimer(10 * time.Millisecond)
	defer wait.Stop()
	select {
	case <-wait.C:
	case <-l.done:
	}
}

func (l *listener) add(tcp *net.TCPConn) (net.Conn, error) {
	c := &conn{TCPConn: tcp}
	c.closed = sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.open, c)
		<-l.slots
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		<-l.slots
		_ = tcp.Close()
		return nil, net.ErrClosed
	}
	l.open[c] = struct{}{}
	return c, nil
}

// Close closes the listener and every connection it has accepted.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	err := l.Listener.Close()
	l.mu.Lock()
	open := l.open
	l.open = nil
	l.mu.Unlock()
	for c := range open {
		_ = c.Close()
	}
	return err
}

// connLimit is how many connections a program that uses perConn file descriptors for each may hold, as HAProxy derives
// its maxconn from the limit of open files.
func connLimit(perConn int) int {
	const most, spare = 65536, 128
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return 1024
	}
	return max(16, (int(min(files.Cur, most))-spare)/perConn)
}
