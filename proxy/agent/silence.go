package agent

import (
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// unanswered is the time-out of a connect on the node itself. The kernel answers at once if it answers, so only silence takes so long,
// even on a busy machine.
const unanswered = 200 * time.Millisecond

// silence makes a listening socket leave new connections unanswered, like a dead host. No process may accept from the socket. silence
// cuts the accept queue to its minimum and fills it: the kernel then drops every SYN. This needs no privilege and works on loopback.
// fill are the connections in the queue; they must stay open while the silence lasts. From the instant full on the queue is full. A
// connect without an answer proves it afterwards.
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
	// A queue of length 0 holds one connection. Older ones may be pending: fill until a connect gets no answer.
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

// silencers gives a function for each listening socket of the service, and each address relayed to it, that silences it.
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
