package load

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"time"
)

// open sends a request on a new connection to the fixed proxy and serves the connection to its end. Its SYN was sent by dial.
func (g *generator) open(req request, sent time.Duration, fd int) {
	c := g.newConn(req, sent, g.fixed)
	defer c.close()
	if err := c.connect(g.proxy, fd, g.deadline(req)); err != nil {
		g.report(c, err)
		return
	}
	c.run()
}

// retry sends a request on a new connection, because its kept connection had ended.
func (g *generator) retry(c *conn) {
	if g.ctx.Err() != nil {
		return
	}
	req := c.req
	req.retried = true
	if g.chooser != nil {
		g.conns.Go(func() { g.reach(req, c.sent, func() {}) })
		return
	}
	fd, err := g.proxy.dial(g.source(req.user))
	if err != nil {
		g.report(c, err)
		return
	}
	g.conns.Go(func() { g.open(req, c.sent, fd) })
}

func (g *generator) newConn(req request, sent time.Duration, hop Hop) *conn {
	return &conn{g: g, user: &g.users[req.user], hop: hop, use: req.use(hop), req: req, sent: sent}
}

// connect waits until the TCP handshake is complete. The SYN was sent by dial.
func (c *conn) connect(to target, fd int, deadline time.Time) (err error) {
	if c.socket, err = newSocket(fd); err != nil {
		return err
	}
	c.cancelClose = context.AfterFunc(c.g.ctx, func() { c.socket.Close() })
	if err := c.socket.SetDeadline(deadline); err != nil {
		return err
	}
	err = c.socket.connected(to)
	c.countSYNs()
	return err
}

func (c *conn) close() {
	if c.cancelClose != nil {
		c.cancelClose()
		c.socket.Close()
	}
}

// run sends the request on an established connection, and serves the connection to its end.
func (c *conn) run() {
	if err := c.begin(); err != nil {
		c.g.report(c, err)
		return
	}
	c.serve()
}

// begin opens the tunnel through the proxy if the request needs one, and sends the request.
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
	_, err := c.stream.Write(c.g.text.appendRequest(nil, c.req, c.hop))
	return err
}

// tunnel opens a tunnel through the proxy, and makes the TLS handshake with the origin through it. With the hop Direct, it
// makes the handshake on the connection itself.
func (c *conn) tunnel() error {
	if c.hop != Direct {
		if err := c.requestTunnel(); err != nil {
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

// requestTunnel requests the tunnel by CONNECT (RFC 9110, section 9.3.6).
func (c *conn) requestTunnel() error {
	if _, err := c.socket.Write(c.g.text.origins[c.req.origin].connect); err != nil {
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
	if c.in.buffered() > 0 { // a TLS server sends nothing before the client
		return failure(Malformed)
	}
	c.got.first = 0 // FirstByte is the first byte of the origin's answer
	return nil
}

// tlsReader separates errors of TLS from errors of the network below.
type tlsReader struct{ *tls.Conn }

func (r tlsReader) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	return n, classifyTLS(err)
}

// tlsConfigs gives one configuration per origin. There is no session cache, so every tunnel makes a full handshake, as the
// first contact of a user does. The cost of a handshake stays the same during the run.
func tlsConfigs(s *Spec) ([]*tls.Config, error) {
	if s.TLSShare == 0 && s.Streams == nil {
		return nil, nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(s.CA) {
		return nil, errors.New("load: ca: no PEM certificate found")
	}
	configs := make([]*tls.Config, len(s.Origins))
	for i, name := range s.Origins {
		configs[i] = &tls.Config{
			RootCAs: pool, ServerName: name, SessionTicketsDisabled: true,
			CurvePreferences: []tls.CurveID{tls.X25519}, // as the origin has it
		}
	}
	return configs, nil
}
