package load

import (
	"net/netip"
	"time"
)

// reach sends a request by the first of its hops that can be connected to, and then serves that connection to its end.
// A request's time goes on while it tries: the user waits. It calls chosen when it takes no kept connection any more.
func (g *generator) reach(req request, sent time.Duration, chosen func()) {
	defer chosen()
	now := g.clock.now()
	ways, err := g.chooser.route(g.ctx, Query{
		User: req.user, URL: g.wording.url(req), Host: g.wording.origins[req.origin].host,
		Now: now, Within: max(0, req.due+g.spec.Timeout-now),
	})
	if err != nil {
		g.report(g.newConn(req, sent, Direct), err)
		return
	}
	var last error = failure(Unreachable) // nowhere to go
	for range maxHops {
		hop, ok := ways.next()
		if !ok {
			break
		}
		if !req.fresh && !req.again {
			if c := g.users[req.user].take(req, hop, sent); c != nil {
				c.send(req, g.wording.appendRequest(nil, req, hop))
				return
			}
		}
		if last = g.try(&req, sent, hop, ways, chosen); last == nil {
			return
		}
		if g.ctx.Err() != nil || g.clock.now() >= req.due+g.spec.Timeout {
			break // the user has given up, whatever the hop would have come to
		}
		ways.failed(classify(last), g.clock.now())
	}
	g.report(g.newConn(req, sent, Direct), last)
}

// try connects to a hop and serves the connection to its end. It returns the errors of connecting alone.
func (g *generator) try(req *request, sent time.Duration, hop Hop, ways route, chosen func()) error {
	c, err := g.connectTo(req, sent, hop)
	if err != nil {
		return err
	}
	defer c.close()
	ways.worked(g.clock.now())
	chosen()
	c.live()
	return nil
}

// connectTo connects to a hop, within Spec.ConnectTimeout. Where that fails, req counts the SYNs that it took.
func (g *generator) connectTo(req *request, sent time.Duration, hop Hop) (*conn, error) {
	to, err := g.target(*req, hop)
	if err != nil {
		return nil, err
	}
	fd, err := to.dial()
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

// target is the address to which a request by this hop connects.
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
