package policy

import (
	"fmt"
	"hash/fnv"
	"net/netip"
	"slices"
	"time"
)

// Algorithm names how a balancer chooses a server.
type Algorithm string

// The algorithms, by their names in a topology and in HAProxy.
const (
	RoundRobin Algorithm = "roundrobin" // in turn
	LeastConn  Algorithm = "leastconn"  // the fewest open connections; in turn among equals
	Source     Algorithm = "source"     // by the hash of the client's address over the servers that are up
)

// Pool chooses among a balancer's servers, which it knows by index from 0. A new pool has all of them up.
type Pool struct {
	algorithm Algorithm
	servers   []server
	turn      int // where the next search in turn begins; always 0 with Source
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

// Algorithm is how the pool chooses.
func (p *Pool) Algorithm() Algorithm { return p.algorithm }

// Set takes server i into service or out of it. Its open connections stay.
func (p *Pool) Set(i int, up bool) { p.servers[i].down = !up }

// Backup makes server i one that is used only while no other is in service; of several backups the first is.
func (p *Pool) Backup(i int) { p.servers[i].backup = true }

// Spill has the backups serve as nginx's do: in turn, and also a client that no other server is left for.
func (p *Pool) Spill() { p.spill = true }

// Active is how many servers other than backups are in service.
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

// Conns is the number of connections taken to server i and not yet released.
func (p *Pool) Conns(i int) int { return p.servers[i].conns }

// Take chooses a server for a client and counts a connection to it until Release. It passes over the servers in avoid
// unless no other is up, or it chooses by Source as HAProxy does, whose default hash-type, map-based, is computed over the
// servers that are up, whichever was tried. It reports false when no server is up.
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

// Another reports whether a server is up that is not in avoid.
func (p *Pool) Another(avoid []int) bool { return len(p.up(avoid)) > 0 }

// Release ends a connection to server i that Take counted.
func (p *Pool) Release(i int) { p.servers[i].conns-- }

// up lists the servers in use but those in avoid, beginning with the one whose turn it is. A backup is in use while all
// others are down; while they are avoided, only where backups Spill.
func (p *Pool) up(avoid []int) []int {
	list := p.inTurn(false)
	if p.spill {
		if list = without(list, avoid); len(list) == 0 {
			list = p.inTurn(true)
		}
	} else if i := slices.IndexFunc(p.servers, func(s server) bool { return s.backup && !s.down }); len(list) == 0 && i >= 0 {
		list = append(list, i)
	}
	return without(list, avoid)
}

// inTurn lists the backups, or the other servers, that are up, beginning with the one whose turn it is.
func (p *Pool) inTurn(backup bool) []int {
	list := make([]int, 0, len(p.servers))
	for k := range p.servers {
		if i := (p.turn + k) % len(p.servers); !p.servers[i].down && p.servers[i].backup == backup {
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
	p.turn = (best + 1) % len(p.servers)
	return best
}

func sourceHash(a netip.Addr) uint32 {
	h := fnv.New32a()
	h.Write(a.Unmap().AsSlice())
	return h.Sum32()
}

// Retry is what a balancer does when a connection to a server cannot be made.
type Retry struct {
	Retries    int  // attempts after the first
	Redispatch bool // a retry may go to another server
	// Every is at which retries it does: at each Every-th. 0 is HAProxy's bare option: at the last one, and where InTurn at
	// each.
	Every          int
	InTurn         bool // roundrobin
	ConnectTimeout time.Duration
}

// redispatches reports whether retry n chooses anew. active is how many servers are in service, and down says that the one
// just tried has left it (HAProxy 2.6, back_handle_st_cer).
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

// After says what follows failed attempt n (1 is the first): whether to try again, whether on another server, and how
// long to wait first. another says that there is one; active and down are as for redispatches. As HAProxy it tries another server at once, the same one only after a second or
// the connect timeout, whichever is less, unless the attempt itself has taken the timeout.
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
