package squid

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// Parents are the peers of kind parent that carry requests of a forward proxy, in the order of the file. An originserver serves an
// accelerator.
func (c *Config) Parents() (list []*Peer) {
	for i := range c.Peers {
		if p := &c.Peers[i]; p.Kind == "parent" && !p.Origin.Value {
			list = append(list, p)
		}
	}
	return list
}

// Choice is how Squid chooses among parents that are alive.
type Choice string

// The choices (peer_select.cc, peerGetSomeParent and peerGetSomeNeighbor).
const (
	ChoosesTurn    Choice = "round-robin"
	ChoosesDefault Choice = "default"
	ChoosesFirst   Choice = "first-up"
	ChoosesHash    Choice = "hash" // carp, userhash or sourcehash
	ChoosesAnswer  Choice = "icp"  // who answers first that it has the object
)

// Chooses tells how Squid chooses a parent for a request that may use all of them.
func (c *Config) Chooses() Choice {
	choice := ChoosesFirst
	for _, p := range c.Parents() {
		switch {
		case p.has("carp") || p.has("userhash") || p.has("sourcehash"):
			return ChoosesHash
		case !p.NoQuery.Value && p.ICP > 0:
			choice = ChoosesAnswer
		case p.Default.Value && choice == ChoosesFirst:
			choice = ChoosesDefault
		case p.RoundRobin.Value && (choice == ChoosesFirst || choice == ChoosesDefault):
			choice = ChoosesTurn
		}
	}
	return choice
}

func (p *Peer) has(option string) bool {
	for _, o := range p.Options {
		if o.Value == option {
			return true
		}
	}
	return false
}

// Share is the part of requests whose first parent is p while all are alive, from 0 to 1; ok is false if the requests decide it.
func (c *Config) Share(p *Peer) (share float64, ok bool) { return c.Shares()(p) }

// Shares gives Share, for many peers: what is the same for all of them is worked out once.
func (c *Config) Shares() func(*Peer) (share float64, ok bool) {
	parents := c.Parents()
	decided := func(*Peer) (float64, bool) { return 0, false } // by the request
	if len(parents) == 0 {
		return decided
	}
	switch c.Chooses() {
	case ChoosesTurn:
		return turns(parents)
	case ChoosesDefault:
		for _, one := range parents {
			if one.Default.Value {
				return func(p *Peer) (float64, bool) { return only(one == p), true }
			}
		}
	case ChoosesFirst:
		return func(p *Peer) (float64, bool) { return only(parents[0] == p), true }
	}
	return decided
}

// turns gives the part of a parent in round-robin, by weight.
func turns(parents []*Peer) func(*Peer) (float64, bool) {
	sum := 0
	for _, one := range parents {
		if one.RoundRobin.Value {
			sum += one.Weight.Value
		}
	}
	return func(p *Peer) (float64, bool) {
		if !p.RoundRobin.Value || sum == 0 {
			return 0, true
		}
		return float64(p.Weight.Value) / float64(sum), true
	}
}

func only(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

// PeerTimers are those by which Squid gives a peer up.
func (c *Config) PeerTimers(p *Peer) policy.PeerTimers {
	return policy.PeerTimers{Connect: p.Connect.Value, Limit: p.FailLimit.Value, Read: c.Timers.Read.Value, Silence: c.Timers.DeadPeer.Value}
}

// Stop is how long Squid goes on after SIGTERM, while it accepts no connection.
func (c *Config) Stop() time.Duration { return policy.SquidStop(c.Timers.Shutdown.Value) }

// OnlyParents tells whether all requests must leave by a parent: the first line of never_direct that matches all says allow, and
// always_direct allows none.
func (c *Config) OnlyParents() bool {
	for _, r := range c.AlwaysDirect {
		if r.Allow {
			return false
		}
	}
	for _, r := range c.NeverDirect {
		if r.All() {
			return r.Allow
		}
		if !r.Allow {
			return false
		}
	}
	return false
}

// All tells whether a rule matches all requests.
func (r Rule) All() bool {
	for _, a := range r.ACLs {
		if a.Value != "all" {
			return false
		}
	}
	return true
}
