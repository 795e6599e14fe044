package load

import (
	"net"
	"syscall"
	"unsafe"
)

// socket is a TCP connection whose Write tries once without telling Go's scheduler of the system call: the pacer's
// thread would otherwise risk its place in the middle of a request. Only what does not fit the socket's buffer waits;
// on an idle connection that buffer is empty, so a request always fits.
type socket struct {
	*net.TCPConn
	raw syscall.RawConn

	// One write at a time: the arguments and results of try, kept here so that a write allocates nothing.
	p     []byte
	n     int
	errno syscall.Errno
	try   func(fd uintptr) bool
}

func newSocket(tcp *net.TCPConn) (*socket, error) {
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil, err
	}
	s := &socket{TCPConn: tcp, raw: raw}
	s.try = s.writeRaw
	return s, nil
}

func (s *socket) writeRaw(fd uintptr) bool {
	n, _, errno := syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(s.p))), uintptr(len(s.p)))
	s.n, s.errno = int(n), errno
	return true
}

// Write is for one goroutine at a time.
func (s *socket) Write(p []byte) (int, error) {
	s.p = p
	err := s.raw.Write(s.try)
	s.p = nil
	switch {
	case err != nil:
		return 0, err
	case s.errno == syscall.EAGAIN || s.errno == syscall.EINTR:
		s.n = 0
	case s.errno != 0:
		return 0, s.errno
	}
	if s.n == len(p) {
		return s.n, nil
	}
	n, err := s.TCPConn.Write(p[s.n:])
	return s.n + n, err
}
