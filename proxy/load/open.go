package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

// open sends a request on a new connection, and then serves that connection to its end.
func (g *generator) open(req request) {
	c := &conn{g: g, user: &g.users[req.user], route: req.route(), req: req, sent: g.clock.now()}
	err := c.connect()
	if c.socket != nil {
		defer c.socket.Close()
		defer context.AfterFunc(g.ctx, func() { c.socket.Close() })()
	}
	if err == nil {
		_, err = c.stream.Write(g.wording.appendRequest(nil, req))
	}
	if err != nil {
		g.report(c, err)
		return
	}
	c.serve()
}

// connect dials the proxy and, for a tunnel, opens it and the TLS inside.
func (c *conn) connect() error {
	g := c.g
	dialer := net.Dialer{Deadline: g.deadline(c.req), KeepAlive: -1}
	// Not DialTCP: it binds each socket to a port of its own first, and the search for one ate seconds in the kernel.
	dialed, err := dialer.DialContext(g.ctx, "tcp", g.spec.Proxy)
	if err != nil {
		return err
	}
	if c.socket, err = newSocket(dialed.(*net.TCPConn)); err != nil {
		return errors.Join(err, dialed.Close())
	}
	if err := c.socket.SetDeadline(dialer.Deadline); err != nil {
		return err
	}
	c.stream, c.in.src = c.socket, c.socket
	if c.req.tunnel {
		return c.tunnel()
	}
	return nil
}

// tunnel asks for the tunnel by CONNECT (RFC 9110, section 9.3.6) and shakes hands with the origin through it.
func (c *conn) tunnel() error {
	if _, err := c.socket.Write(c.g.wording.origins[c.req.origin].connect); err != nil {
		return err
	}
	if _, err := c.await(); err != nil {
		return err
	}
	if err := c.in.readHead(&c.head); err != nil {
		return err
	}
	c.node = c.g.evidence.node(c.head.via)
	c.got.node = c.node
	if c.head.status/100 != 2 {
		return statusFailure(c.head.status)
	}
	if c.in.buffered() > 0 { // a TLS server does not speak first
		return failure(Malformed)
	}
	c.got.first = 0 // what counts is the first byte of the origin's answer
	inner := tls.Client(c.socket, c.g.tls[c.req.origin])
	if err := inner.Handshake(); err != nil {
		return classifyTLS(err)
	}
	c.stream, c.in.src = inner, tlsReader{inner}
	return nil
}

// tlsReader tells the errors of TLS from those of the network below.
type tlsReader struct{ *tls.Conn }

func (r tlsReader) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	return n, classifyTLS(err)
}

// tlsConfigs gives one configuration per origin. There is no session cache: every tunnel pays for a full handshake, as
// a user's first contact does, and no handshake gets cheaper during the run.
func tlsConfigs(s *Spec) ([]*tls.Config, error) {
	if s.TLSShare == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(s.CA) {
		return nil, errors.New("load: ca holds no certificate in PEM")
	}
	configs := make([]*tls.Config, len(s.Origins))
	for i, name := range s.Origins {
		configs[i] = &tls.Config{RootCAs: pool, ServerName: name, SessionTicketsDisabled: true}
	}
	return configs, nil
}
