package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"
)

// open sends a request on a new connection, whose SYN has left for the fixed proxy, and then serves that connection to
// its end.
func (g *generator) open(req request, sent time.Duration, fd int) {
	c := g.newConn(req, sent, g.fixed)
	defer c.close()
	if err := c.connect(g.proxy, fd, g.deadline(req)); err != nil {
		g.report(c, err)
		return
	}
	c.live()
}

// retry sends the request of a kept connection that has died on a new one.
func (g *generator) retry(c *conn) {
	if g.ctx.Err() != nil {
		return
	}
	req := c.req
	req.again = true
	if g.chooser != nil {
		g.conns.Go(func() { g.reach(req, c.sent, func() {}) })
		return
	}
	fd, err := g.proxy.dial()
	if err != nil {
		g.report(c, err)
		return
	}
	g.conns.Go(func() { g.open(req, c.sent, fd) })
}

func (g *generator) newConn(req request, sent time.Duration, hop Hop) *conn {
	return &conn{g: g, user: &g.users[req.user], hop: hop, use: req.use(hop), req: req, sent: sent}
}

// connect waits until the connection whose SYN has left stands.
func (c *conn) connect(to target, fd int, deadline time.Time) (err error) {
	if c.socket, err = newSocket(fd); err != nil {
		return err
	}
	c.forget = context.AfterFunc(c.g.ctx, func() { c.socket.Close() })
	if err := c.socket.SetDeadline(deadline); err != nil {
		return err
	}
	err = c.socket.connected(to)
	c.countSYNs()
	return err
}

func (c *conn) close() {
	if c.forget != nil {
		c.forget()
		c.socket.Close()
	}
}

// live sends the request on a connection that stands, and serves it to its end.
func (c *conn) live() {
	if err := c.begin(); err != nil {
		c.g.report(c, err)
		return
	}
	c.serve()
}

// begin opens the tunnel through the proxy where there is to be one, and sends the request.
func (c *conn) begin() error {
	if err := c.socket.SetDeadline(c.g.deadline(c.req)); err != nil {
		return err
	}
	c.stream, c.in.src = c.socket, c.socket
	if c.req.tunnel {
		if err := c.tunnel(); err != nil {
			return err
		}
	}
	_, err := c.stream.Write(c.g.wording.appendRequest(nil, c.req, c.hop))
	return err
}

// tunnel asks the proxy for the tunnel, and shakes hands with the origin through it; without a proxy, with the origin.
func (c *conn) tunnel() error {
	if c.hop != Direct {
		if err := c.ask(); err != nil {
			return err
		}
	}
	inner := tls.Client(netConn{c.socket}, c.g.tls[c.req.origin])
	if err := inner.Handshake(); err != nil {
		return classifyTLS(err)
	}
	c.stream, c.in.src = inner, tlsReader{inner}
	return nil
}

// ask asks for the tunnel by CONNECT (RFC 9110, section 9.3.6).
func (c *conn) ask() error {
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
	if s.TLSShare == 0 && s.Streams == nil {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(s.CA) {
		return nil, errors.New("load: ca holds no certificate in PEM")
	}
	configs := make([]*tls.Config, len(s.Origins))
	for i, name := range s.Origins {
		configs[i] = &tls.Config{
			RootCAs: pool, ServerName: name, SessionTicketsDisabled: true,
			CurvePreferences: []tls.CurveID{tls.X25519}, // as the origin
		}
	}
	return configs, nil
}
