package topology

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Rotation says when a user of a pool goes out by another exit.
type Rotation string

// The rotations.
const (
	RotateRequest Rotation = "request" // with every request
	RotateSession Rotation = "session" // when a session of Pool.Session has passed, or its exit cannot be reached
)

// Pool is a choice of exits, each with an address of its own, that users take turns with.
type Pool struct {
	Exits   []string      `json:"exits"` // node names; each has a forward proxy at Port
	Port    int           `json:"port"`
	Rotate  Rotation      `json:"rotate"`
	Session time.Duration `json:"session_ns,omitempty"` // how long a user stays with an exit, with RotateSession
	// ConnectTimeout is how long a user waits for an exit before trying another.
	ConnectTimeout time.Duration `json:"connect_timeout_ns"`
}

// maxExits bounds a pool.
const maxExits = 32

func (d *design) pool(v yamlfile.Value) *Pool {
	o := v.Object("exits", "port", "rotate", "session", "connect_timeout")
	exits, session := o.Require("exits"), o.Get("session")
	p := &Pool{
		Port:           o.Require("port").Int(0, minPort, maxPort),
		Rotate:         Rotation(o.Get("rotate").OneOf(string(RotateRequest), string(RotateRequest), string(RotateSession))),
		Session:        session.Duration(0, 100*time.Millisecond, time.Hour),
		ConnectTimeout: o.Get("connect_timeout").Duration(time.Second, 10*time.Millisecond, time.Minute),
	}
	switch {
	case p.Rotate == RotateSession && !session.Present():
		v.Problemf("rotate: session needs to know how long a session lasts; say session: 10s")
	case p.Rotate == RotateRequest && session.Present():
		session.Problemf("every request goes out by another exit, so there is no session; say rotate: session, or leave session out")
	}
	p.Exits = d.each(exits, "exit", func(at yamlfile.Value, name string) { d.checkExit(at, name, p.Port) })
	if n := len(p.Exits); exits.Present() && exits.IsList() && (n < 2 || n > maxExits) {
		exits.Problemf("%d exits; a pool has 2 to %d, and for one exit say proxy", n, maxExits)
	}
	return p
}

// checkExit holds that an exit is a node with a forward proxy at the pool's port.
func (d *design) checkExit(at yamlfile.Value, name string, port int) {
	n, ok := d.t.Node(name)
	if !ok {
		d.unknown(at, "node", name, namesOf(d.t.Nodes))
		return
	}
	s, serves := n.Serving(port)
	switch {
	case n.unsure() || port == 0:
	case !serves:
		at.Problemf("no service on node %s listens at port %d; its services: %s", name, port, n.listeners())
	case s.Balances():
		at.Problemf("%s of node %s is a balancer; an exit is a forward proxy", s.Name, name)
	case s.Responds():
		at.Problemf("%s of node %s answers DNS; an exit is a forward proxy", s.Name, name)
	}
}
