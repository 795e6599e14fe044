package agent

import (
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// unanswered is how long a connect on the node itself waits, which the kernel answers at once: long enough that a busy machine's late look
// at the answer is none.
const unanswered = 200 * time.Millisecond

// silence makes a listening socket that nobody accepts from answer new connections like a dead host: its queue is cut to
// nothing and filled, so that the kernel drops every further SYN. It needs no privilege and works on loopback. The
// connections that fill the queue are returned; they must stay open as long as the silence is to last. full is the
// instant by which the queue was; that it was is proven after it, by a connect that gets no answer.
func silence(l *net.TCPListener) (fill []net.Conn, full int64, err error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, 0, err
	}
	var errListen error
	if err := raw.Control(func(fd uintptr) { errListen = unix.Listen(int(fd), 0) }); err != nil {
		return nil, 0, err
	}
	if errListen != nil {
		return nil, 0, fmt.Errorf("cut the queue of %s: %w", l.Addr(), errListen)
	}
	full = proxy.Monotonic()
	// A queue of length 0 holds one connection. More may be pending from before; fill until one is not answered.
	for range 16 {
		c, err := net.DialTimeout("tcp", l.Addr().String(), unanswered)
		if err != nil {
			var timeout net.Error
			if errors.As(err, &timeout) && timeout.Timeout() {
				return fill, full, nil
			}
			return fill, full, fmt.Errorf("fill the queue of %s: %w", l.Addr(), err)
		}
		full = proxy.Monotonic()
		fill = append(fill, c)
	}
	return fill, full, fmt.Errorf("%s still answers", l.Addr())
}

// silencers gives what makes each of the service's sockets, and of the addresses relayed to it, stop answering.
func (s *service) silencers() []func() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []func() (int64, error)
	for _, l := range s.listeners {
		list = append(list, func() (int64, error) {
			fill, full, err := silence(l)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.fill = append(s.fill, fill...)
			return full, err
		})
	}
	for _, r := range s.relays {
		list = append(list, r.silence)
	}
	return list
}
