package topology

import (
	"time"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Rotation says when a user of a pool changes the exit.
type Rotation string

// The rotations.
const (
	RotateRequest Rotation = "request" // with every request
	RotateSession Rotation = "session" // after Pool.Session, or when the exit cannot be reached
)

// Pool is a list of exits among which users rotate. Each exit has an address of its own.
type Pool struct {
	Exits   []string      `json:"exits"` // node names; each has a forward proxy at Port
	Port    int           `json:"port"`
	Rotate  Rotation      `json:"rotate"`
	Session time.Duration `json:"session_ns,omitempty"` // with RotateSession: the time for which a user keeps an exit
	// ConnectTimeout is the time after which a user who cannot connect to an exit tries another.
	ConnectTimeout time.Duration `json:"connect_timeout_ns"`
}

// maxExits bounds a pool.
const maxExits = 32

// pool reads the exits of a group. Its users count as entering at the first exit.
func (d *design) pool(v yamlfile.Value, g *Group) {
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
		v.Refuse("missing-key", "rotate: session needs the length of a session; add session: 10s")
	case p.Rotate == RotateRequest && session.Present():
		session.Refuse("unused-key", "rotate: request changes the exit with every request; use rotate: session, or leave session out")
	}
	p.Exits = d.each(exits, "exit", 2, maxExits, nil, func(at yamlfile.Value, name string) { d.checkExit(at, name, p.Port) })
	if g.Pool = p; len(p.Exits) > 0 {
		g.Proxy = Entry{Host: p.Exits[0], Port: p.Port}
	}
}

// checkExit checks that an exit is a node with a forward proxy at the pool's port.
func (d *design) checkExit(at yamlfile.Value, name string, port int) {
	if _, ok := d.t.Node(name); !ok {
		d.unknown(at, "node", name, namesOf(d.t.Nodes))
		return
	}
	d.checkListener(at, name, port, "a forward proxy", Service.Forwards)
}
