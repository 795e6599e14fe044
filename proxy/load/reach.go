package load

import (
	"net/netip"
	"time"
)

// reach sends a request to the first hop to which it can connect, and serves that connection to its end. Time spent on earlier
// hops counts: the user waits. It calls chosen when it takes no kept connection any more.
func (g *generator) reach(req request, sent time.Duration, chosen func()) {
	defer chosen()
	now := g.clock.now()
	hops, err := g.chooser.route(g.ctx, Query{
		User: req.user, URL: g.text.url(req), Host: g.text.origins[req.origin].host,
		Now: now, Within: max(0, req.due+g.spec.Timeout-now),
	})
	if err != nil {
		g.report(g.newConn(req, sent, Direct), err)
		return
	}
	var last error = failure(Unreachable) // there is no hop
	for range maxHops {
		hop, ok := hops.next()
		if !ok {
			break
		}
		if !req.fresh && !req.retried {
			if c := g.users[req.user].take(req, hop, sent); c != nil {
				c.send(req, g.text.appendRequest(nil, req, hop))
				return
			}
		}
		if last = g.try(&req, sent, hop, hops, chosen); last == nil {
			return
		}
		if g.ctx.Err() != nil || g.clock.now() >= req.due+g.spec.Timeout {
			break // the request has timed out
		}
		hops.failed(classify(last), g.clock.now())
	}
	g.report(g.newConn(req, sent, Direct), last)
}

// try connects to a hop and serves the connection to its end. It returns only errors of the connect.
func (g *generator) try(req *request, sent time.Duration, hop Hop, hops route, chosen func()) error {
	c, err := g.connectTo(req, sent, hop)
	if err != nil {
		return err
	}
	defer c.close()
	hops.worked(g.clock.now())
	chosen()
	c.run()
	return nil
}

// connectTo connects to a hop within Spec.ConnectTimeout. If it fails, it adds the repeated SYNs to req.
func (g *generator) connectTo(req *request, sent time.Duration, hop Hop) (*conn, error) {
	to, err := g.target(*req, hop)
	if err != nil {
		return nil, err
	}
	fd, err := to.dial(g.source(req.user))
	if err != nil {
		return nil, err
	}
	deadline := g.deadline(*req)
	if t := g.spec.ConnectTimeout; t > 0 && time.Until(deadline) > t {
		deadline = time.Now().Add(t)
	}
	c := g.newConn(*req, sent, hop)
	if err := c.connect(to, fd, deadline); err != nil {
		req.tcp = c.req.tcp
		c.close()
		return nil, err
	}
	return c, nil
}

// target gives the address to which a request by this hop connects.
func (g *generator) target(req request, hop Hop) (target, error) {
	if hop != Direct {
		return newTarget(hop.Proxy), nil
	}
	if !g.direct.IsValid() {
		return target{}, failure(Unreachable)
	}
	port := g.spec.HTTPPort
	if req.tunnel {
		port = g.spec.HTTPSPort
	}
	return newTarget(netip.AddrPortFrom(g.direct, uint16(port))), nil
}
