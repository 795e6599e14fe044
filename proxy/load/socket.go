package load

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// target is an address to connect to, in the kernel's form.
type target struct {
	family  int
	address []byte // struct sockaddr_in or sockaddr_in6
}

func newTarget(to netip.AddrPort) target {
	addr := to.Addr().Unmap()
	port := []byte{byte(to.Port() >> 8), byte(to.Port())}
	if addr.Is4() {
		raw := unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: addr.As4()}
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&raw.Port)), 2), port)
		return target{unix.AF_INET, bytesOf(&raw)}
	}
	raw := unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: addr.As16()}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&raw.Port)), 2), port)
	return target{unix.AF_INET6, bytesOf(&raw)}
}

func bytesOf[T any](v *T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(v)), unsafe.Sizeof(*v))
}

// dial sends a SYN and returns the descriptor of the connecting socket. It never waits and does not tell Go's scheduler of its
// system calls, because the pacer calls it.
//
// from is the address to bind, as a struct sockaddr with port 0; nil: the kernel chooses.
func (t target) dial(from []byte) (fd int, err error) {
	kind := uintptr(unix.SOCK_STREAM | unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC)
	socket, _, errno := syscall.RawSyscall(unix.SYS_SOCKET, uintptr(t.family), kind, 0)
	if errno != 0 {
		return -1, errno
	}
	fd = int(socket)
	if from != nil {
		errno = bind(socket, from)
	}
	if errno == 0 {
		errno = t.connect(socket)
	}
	if errno != 0 && errno != unix.EINPROGRESS {
		return -1, errors.Join(errno, unix.Close(fd))
	}
	return fd, nil
}

// bind binds an address. The kernel chooses the port when it connects: one port serves connections to several targets.
func bind(fd uintptr, from []byte) syscall.Errno {
	on := int32(1)
	if _, _, errno := syscall.RawSyscall6(unix.SYS_SETSOCKOPT, fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, uintptr(unsafe.Pointer(&on)), unsafe.Sizeof(on), 0); errno != 0 {
		return errno
	}
	_, _, errno := syscall.RawSyscall(unix.SYS_BIND, fd, uintptr(unsafe.Pointer(&from[0])), uintptr(len(from)))
	return errno
}

func (t target) connect(fd uintptr) syscall.Errno {
	_, _, errno := syscall.RawSyscall(unix.SYS_CONNECT, fd, uintptr(unsafe.Pointer(&t.address[0])), uintptr(len(t.address)))
	return errno
}

// socket is a TCP connection in Go's poller. Its Write tries once without telling Go's scheduler of the system call; otherwise
// the pacer could lose its processor in the middle of a request. Only data that does not fit the socket's buffer waits. The
// buffer of an idle connection is empty, so a request always fits.
type socket struct {
	*os.File
	raw syscall.RawConn

	// The arguments and results of try. They are fields so that a write allocates nothing. One write runs at a time.
	p     []byte
	n     int
	errno syscall.Errno
	try   func(fd uintptr) bool
}

// newSocket makes a socket of a descriptor of dial. It closes the descriptor if it fails.
func newSocket(fd int) (*socket, error) {
	// Each request is one write. Nagle's algorithm would only delay the data after a TLS handshake.
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	s := &socket{File: os.NewFile(uintptr(fd), "connection to the proxy")}
	s.try = s.writeRaw
	var err error
	if s.raw, err = s.SyscallConn(); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// connected waits for the end of the TCP handshake. A second connect gives its result.
func (s *socket) connected(to target) error {
	var errno syscall.Errno
	err := s.raw.Write(func(fd uintptr) bool {
		errno = to.connect(fd)
		return errno != unix.EALREADY && errno != unix.EINPROGRESS
	})
	if err == nil && errno != 0 && errno != unix.EISCONN {
		err = errno
	}
	return err
}

func (s *socket) writeRaw(fd uintptr) bool {
	n, _, errno := syscall.RawSyscall(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(s.p))), uintptr(len(s.p)))
	s.n, s.errno = int(n), errno
	return true
}

// Write writes p. One goroutine at a time may call it.
func (s *socket) Write(p []byte) (int, error) {
	s.p = p
	err := s.raw.Write(s.try)
	s.p = nil
	switch {
	case err != nil:
		return 0, err
	case s.errno == unix.EAGAIN || s.errno == unix.EINTR:
		s.n = 0
	case s.errno != 0:
		return 0, s.errno
	}
	if s.n == len(p) {
		return s.n, nil
	}
	n, err := s.File.Write(p[s.n:])
	return s.n + n, err
}

// netConn is the socket as a net.Conn for crypto/tls, which never uses its addresses.
type netConn struct{ *socket }

func (netConn) LocalAddr() net.Addr  { return nil }
func (netConn) RemoteAddr() net.Addr { return nil }

// Read returns the error of a deadline without its *fs.PathError. crypto/tls continues after a net.Error that is temporary, and
// *fs.PathError is none: crypto/tls would return it from every later call.
func (c netConn) Read(p []byte) (int, error) {
	n, err := c.socket.Read(p)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		err = os.ErrDeadlineExceeded
	}
	return n, err
}
