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

// Bounds for peers that vanish without closing. An idle connection ends keepIdle + keepCount*keepInterval after its peer fell silent,
// a connection with unacknowledged data after deadAfter, a half-closed connection after its open half was idle for halfClosed.
const (
	keepIdle     = 15 * time.Second
	keepInterval = 5 * time.Second
	keepCount    = 3
	deadAfter    = 30 * time.Second
	halfClosed   = 30 * time.Second
	headerWithin = 30 * time.Second // time-out of a request's header
	idleAfter    = time.Hour        // time-out of kept connections between requests, as configured for the real engines
)

var keepAlive = net.KeepAliveConfig{Enable: true, Idle: keepIdle, Interval: keepInterval, Count: keepCount}

// conn is a TCP connection with the bounds above. It embeds *net.TCPConn so that io.Copy can splice.
type conn struct {
	*net.TCPConn
	closed func() // called by Close
}

// CloseWrite closes this direction and bounds the other by halfClosed.
func (c *conn) CloseWrite() error { return c.closeWriteWithin(halfClosed) }

func (c *conn) closeWriteWithin(limit time.Duration) error {
	if err := c.SetReadDeadline(time.Now().Add(limit)); err != nil {
		return err
	}
	return c.TCPConn.CloseWrite()
}

// Close calls closed and closes the connection.
func (c *conn) Close() error {
	if c.closed != nil {
		c.closed()
	}
	return c.TCPConn.Close()
}

// tune makes the kernel detect a dead peer.
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
	tcp := c.(*net.TCPConn) // always, for network "tcp"
	if err := tune(tcp); err != nil {
		_ = tcp.Close()
		return nil, err
	}
	return &conn{TCPConn: tcp}, nil
}

// timedOut reports whether a connect failed by its time-out.
func timedOut(err error) bool {
	var network net.Error
	return errors.As(err, &network) && network.Timeout()
}

// listener accepts connections and tunes them. Close closes them too. Connections above the limit wait in the kernel.
type listener struct {
	net.Listener
	slots chan struct{}
	done  chan struct{}
	once  sync.Once

	mu   sync.Mutex
	open map[*conn]struct{} // nil once closed
}

// listen wraps a TCP listener. limit is the maximum number of open connections.
func listen(l net.Listener, limit int) *listener {
	return &listener{
		Listener: l,
		slots:    make(chan struct{}, limit),
		done:     make(chan struct{}),
		open:     map[*conn]struct{}{},
	}
}

// Accept waits for a free slot and a connection. Its only error is net.ErrClosed; it retries after all others.
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
			_ = c.Close() // the client reset it before tune
		case errors.Is(err, net.ErrClosed):
			<-l.slots
			return nil, net.ErrClosed
		default:
			l.pause() // no file descriptor left, or an aborted connection: the service continues
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

// connLimit gives the number of connections that a program may hold if each needs perConn file descriptors. It derives it from the
// limit of open files, as HAProxy derives maxconn.
func connLimit(perConn int) int {
	const most, spare = 65536, 128
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		return 1024
	}
	return max(16, (int(min(files.Cur, most))-spare)/perConn)
}
