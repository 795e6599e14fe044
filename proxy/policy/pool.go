package policy

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"time"
)

// Algorithm is the rule by which a balancer chooses a server.
type Algorithm string

// The algorithms, by their names in a topology and in HAProxy.
const (
	RoundRobin Algorithm = "roundrobin" // each server after the other
	LeastConn  Algorithm = "leastconn"  // the fewest open connections; round robin among equals
	Source     Algorithm = "source"     // hash of the client's address over the servers that are up
)

// Pool chooses among a balancer's servers, which have indexes from 0. In a new pool all servers are up.
type Pool struct {
	algorithm Algorithm
	servers   []server
	next      int // index at which the next search begins; always 0 with Source
	spill     bool
}

type server struct {
	down   bool
	backup bool
	conns  int
}

// NewPool returns a pool of n servers. It fails when n < 1 or the algorithm is unknown.
func NewPool(algorithm Algorithm, n int) (*Pool, error) {
	switch algorithm {
	case RoundRobin, LeastConn, Source:
	default:
		return nil, fmt.Errorf("pool: algorithm %q: want %s, %s or %s", algorithm, RoundRobin, LeastConn, Source)
	}
	if n < 1 {
		return nil, fmt.Errorf("pool: %d servers: want at least 1", n)
	}
	return &Pool{algorithm: algorithm, servers: make([]server, n)}, nil
}

// Algorithm gives the rule by which the pool chooses.
func (p *Pool) Algorithm() Algorithm { return p.algorithm }

// Set takes server i into service or out of it. Its open connections stay open.
func (p *Pool) Set(i int, up bool) { p.servers[i].down = !up }

// Backup makes server i a backup. A backup is used only while no other server is in service. Of several backups the first one
// is used.
func (p *Pool) Backup(i int) { p.servers[i].backup = true }

// Spill makes the backups serve as in nginx: round robin, and also for a client that has tried all other servers.
func (p *Pool) Spill() { p.spill = true }

// Active gives the number of servers in service that are no backups.
func (p *Pool) Active() (n int) {
	for _, s := range p.servers {
		if !s.down && !s.backup {
			n++
		}
	}
	return n
}

// Up reports whether server i is in service.
func (p *Pool) Up(i int) bool { return !p.servers[i].down }

// Conns gives the number of connections to server i that Take has counted and Release has not ended.
func (p *Pool) Conns(i int) int { return p.servers[i].conns }

// Take chooses a server for a client and counts a connection to it until Release. It skips the servers in avoid, unless no
// other server is up. With Source and without Spill it ignores avoid, as HAProxy: the default hash-type, map-based, hashes over
// all servers that are up. ok is false if no server is up.
func (p *Pool) Take(client netip.Addr, avoid []int) (i int, ok bool) {
	candidates := p.up(avoid)
	if len(candidates) == 0 || p.algorithm == Source && !p.spill {
		candidates = p.up(nil)
	}
	if len(candidates) == 0 {
		return 0, false
	}
	i = p.choose(client, candidates)
	p.servers[i].conns++
	return i, true
}

// Another reports whether a server outside avoid is up.
func (p *Pool) Another(avoid []int) bool { return len(p.up(avoid)) > 0 }

// Release ends a connection to server i.
func (p *Pool) Release(i int) { p.servers[i].conns-- }

// up lists the usable servers outside avoid, beginning at next. A backup is usable while all other servers are down. With Spill
// a backup is also usable while all other servers are down or in avoid.
func (p *Pool) up(avoid []int) []int {
	list := p.roundRobin(false)
	if p.spill {
		if list = without(list, avoid); len(list) == 0 {
			list = p.roundRobin(true)
		}
	} else if i := slices.IndexFunc(p.servers, func(s server) bool { return s.backup && !s.down }); len(list) == 0 && i >= 0 {
		list = append(list, i)
	}
	return without(list, avoid)
}

// roundRobin lists the backups, or the other servers, that are up, beginning at next.
func (p *Pool) roundRobin(backup bool) []int {
	list := make([]int, 0, len(p.servers))
	for k := range p.servers {
		if i := (p.next + k) % len(p.servers); !p.servers[i].down && p.servers[i].backup == backup {
			list = append(list, i)
		}
	}
	return list
}

func without(list, avoid []int) []int {
	return slices.DeleteFunc(list, func(i int) bool { return slices.Contains(avoid, i) })
}

func (p *Pool) choose(client netip.Addr, candidates []int) int {
	if p.algorithm == Source {
		return candidates[sourceHash(client)%uint32(len(candidates))]
	}
	best := candidates[0]
	if p.algorithm == LeastConn {
		for _, i := range candidates[1:] {
			if p.servers[i].conns < p.servers[best].conns {
				best = i
			}
		}
	}
	p.next = (best + 1) % len(p.servers)
	return best
}

func sourceHash(a netip.Addr) uint32 {
	h := fnv.New32a()
	h.Write(a.Unmap().AsSlice())
	return h.Sum32()
}

// Retry is the rule of a balancer after a failed connection to a server.
type Retry struct {
	Retries    int  // attempts after the first
	Redispatch bool // a retry may go to another server
	// Every-th retries go to another server. 0 is HAProxy's option without a number: the last retry, and with InTurn every
	// retry.
	Every          int
	InTurn         bool // roundrobin
	ConnectTimeout time.Duration
}

// redispatches reports whether retry n chooses a server again. active is the number of servers in service. down: the last tried
// server is down (HAProxy 2.6, back_handle_st_cer).
func (r Retry) redispatches(n, active int, down bool) bool {
	switch {
	case !r.Redispatch:
		return false
	case down:
		return true
	case r.Every > 0:
		return n%r.Every == 0 || r.InTurn && active > 1
	}
	return n == r.Retries || r.InTurn && active > 1
}

// After gives the next step after failed attempt n (1 is the first): whether to try again, whether to choose another server,
// and the time to wait before. another: there is another server. active and down are as in redispatches. As HAProxy, the
// balancer tries another server at once. It tries the same server after min(1 s, connect timeout), or at once if the attempt
// has timed out.
func (r Retry) After(n int, timedOut, another bool, active int, down bool) (again, redispatch bool, wait time.Duration) {
	switch {
	case n > r.Retries:
		return false, false, 0
	case another && r.redispatches(n, active, down):
		return true, true, 0
	case timedOut:
		return true, false, 0
	default:
		return true, false, min(time.Second, r.ConnectTimeout)
	}
}
