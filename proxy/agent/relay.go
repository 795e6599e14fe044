package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/proxy"
)

// relay replaces a VRRP address if all nodes share one network stack: the holder listens on the address and relays connections to its
// own service. A new holder asks the agent of the old one to release the address, whether the old node is up or down; this replaces
// the effect of a gratuitous ARP on a switch. Without a holder connects are refused; if the holder's node is down, they get no answer.
type relay struct {
	spec proxy.Relay

	// turn serializes taking, silencing and dropping the address. It is held for up to turnoverWithin.
	turn sync.Mutex
	// mu guards the fields below. It is held for a few instructions. l and turnover change only in a turn, which may read them without mu.
	mu       sync.Mutex
	l        *net.TCPListener
	turnover net.Listener // for the next holder's request
	conns    map[net.Conn]bool
	fill     []net.Conn
}

func newRelay(spec proxy.Relay) *relay { return &relay{spec: spec, conns: map[net.Conn]bool{}} }

// set takes or drops the address.
func (r *relay) set(ctx context.Context, holder bool) error {
	if !holder {
		r.close()
		return nil
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.l != nil {
		return nil
	}
	// A real address never refuses while it moves. So the new listener opens before the old holder closes its own.
	config := net.ListenConfig{Control: reusePort}
	l, err := config.Listen(ctx, "tcp", r.spec.Listen)
	if err != nil {
		return fmt.Errorf("take address %s: %w", r.spec.Address, err)
	}
	turnover, err := r.takeTurnover(ctx)
	if err != nil {
		_ = l.Close()
		return fmt.Errorf("take address %s: %w", r.spec.Address, err)
	}
	r.mu.Lock()
	r.l, r.turnover = l.(*net.TCPListener), turnover
	r.mu.Unlock()
	go r.serve(r.l)
	go r.awaitTurnover(turnover)
	return nil
}

// holds reports whether this node relays the address.
func (r *relay) holds() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.l != nil
}

// takeTurnover makes the present holder release the address, and listens for the next holder's request.
func (r *relay) takeTurnover(ctx context.Context) (net.Listener, error) {
	deadline := time.Now().Add(turnoverWithin)
	for {
		askHolder(ctx, r.spec.Turnover)
		turnover, err := proxy.ListenUnix(r.spec.Turnover)
		if err == nil || !errors.Is(err, syscall.EADDRINUSE) || ctx.Err() != nil || time.Now().After(deadline) {
			return turnover, err
		}
		time.Sleep(time.Millisecond) // the holder has not yet released it
	}
}

// turnoverWithin bounds the release of an address: the holder's agent may have to wait for a processor.
const turnoverWithin = 5 * time.Second

// reusePort lets two agents listen on an address while it moves.
func reusePort(_, _ string, raw syscall.RawConn) error {
	var set error
	err := raw.Control(func(fd uintptr) { set = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1) })
	return errors.Join(err, set)
}

// askHolder asks the present holder to release the address, and waits for it. No holder is no error.
func askHolder(ctx context.Context, socket string) {
	ctx, cancel := context.WithTimeout(ctx, turnoverWithin)
	defer cancel()
	c, err := proxy.DialUnix(ctx, socket)
	if err != nil {
		return
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(turnoverWithin))
	_, _ = io.ReadAll(c)
}

func (r *relay) awaitTurnover(turnover net.Listener) {
	c, err := turnover.Accept()
	if err != nil {
		return
	}
	r.close()
	_ = c.Close()
}

func (r *relay) serve(l *net.TCPListener) {
	for {
		c, err := l.AcceptTCP()
		if err != nil {
			return
		}
		go r.pass(c)
	}
}

// pass relays a connection in both directions. Without a service the client gets a reset.
func (r *relay) pass(client *net.TCPConn) {
	defer client.Close()
	_ = client.SetLinger(0)
	up, err := net.DialTimeout("tcp", r.spec.To, time.Second)
	if err != nil {
		return
	}
	defer up.Close()
	if !r.track(client, up) {
		return
	}
	defer r.untrack(client, up)
	done := make(chan struct{})
	go func() {
		_, _ = io.Copy(up, client)
		_ = up.(*net.TCPConn).CloseWrite()
		close(done)
	}()
	if _, err := io.Copy(client, up); err == nil {
		_ = client.SetLinger(-1)
		_ = client.CloseWrite()
	}
	<-done
}

func (r *relay) track(conns ...net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		r.conns[c] = true
	}
	return r.l != nil
}

func (r *relay) untrack(conns ...net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range conns {
		delete(r.conns, c)
	}
}

// silence makes the address stop answering, without releasing it. New connections get no answer from the instant full on; full is 0 if
// another node holds the address.
func (r *relay) silence() (full int64, err error) {
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.l == nil {
		return 0, nil
	}
	// The deadline ends serve: no connection is accepted from now on.
	if err := r.l.SetDeadline(time.Now()); err != nil {
		return 0, err
	}
	fill, full, err := silence(r.l)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fill = append(r.fill, fill...)
	return full, err
}

// close releases the address. It closes the listener and resets connections, as a host does that gets packets of unknown connections.
func (r *relay) close() {
	r.turn.Lock()
	defer r.turn.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.l != nil {
		_ = r.l.Close()
		_ = os.Remove(r.spec.Turnover) // before Close: after it the name may be the next holder's
		_ = r.turnover.Close()
		r.l, r.turnover = nil, nil
	}
	for c := range r.conns {
		_ = c.(*net.TCPConn).SetLinger(0)
		_ = c.Close()
	}
	for _, c := range r.fill {
		_ = c.Close()
	}
	r.fill = nil
}
