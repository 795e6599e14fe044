// Package local is the runtime without an engine: the agents of a lab are child processes on loopback, and spof's own
// programs stand in for the real ones. Nodes share one network stack, so a power loss and a VRRP address are emulated.
package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/tempdir"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Options of the runtime.
type Options struct {
	Binary string    // the spof program; empty: this one
	Log    io.Writer // what agents and services write; nil: nowhere
}

// Runtime runs labs as processes of this machine.
type Runtime struct{ o Options }

// New makes the runtime.
func New(o Options) (*Runtime, error) {
	if o.Binary == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("this program's path: %w", err)
		}
		o.Binary = self
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	return &Runtime{o}, nil
}

// Name is local.
func (*Runtime) Name() string { return "local" }

// Fidelity says what loopback can and cannot do.
func (*Runtime) Fidelity() []trace.Fidelity {
	list := append(sim.FaultFidelity(func(k fault.Kind) fault.Fidelity { return k.Local }), []trace.Fidelity{
		sim.MechanismDNS.Real("spof's own DNS server, asked over UDP; users' caches are the load generator's"),
		sim.MechanismSignals.Emulated("spof's own election, balancer and DNS server read the chassis as keepalived and HAProxy do; the balancer standing in for nginx does not"),
		sim.MechanismPAC.Emulated("the script runs as JavaScript for every request; the load generator's users leave a proxy by the rules of Chrome or Firefox, no browser runs"),
		sim.MechanismWAN.Emulated("Toxiproxy in a process of its own: connections are relayed, packets are not: what is too much for a link waits, and nothing is dropped"),
		sim.MechanismVRRP.Emulated("spof's own election over UDP; the holder relays the address on loopback instead of announcing it by ARP"),
	}...)
	for _, e := range registry.Named() {
		list = append(list, trace.Fidelity{What: e.Name, Level: trace.Emulated, How: e.OnLoopback})
	}
	return append(list, trace.Fidelity{What: string(topology.Builtin), Level: trace.Real, How: "spof's own programs"})
}

// Prepare removes what runs that were killed have left; the program is all that a node needs.
func (*Runtime) Prepare(_ context.Context, _ topology.Topology, say func(string)) error {
	tempdir.Tidy(say)
	return nil
}

// Deploy starts an agent per node.
func (r *Runtime) Deploy(ctx context.Context, t topology.Topology, say func(string)) (sim.Lab, error) {
	began := sim.HostClock{}.Now()
	block, err := newBlock()
	if err != nil {
		return nil, err
	}
	dir, err := tempdir.Make("local")
	if err != nil {
		return nil, fmt.Errorf("directory of the lab: %w", err)
	}
	l := &lab{id: block.id, began: began, dir: dir, links: map[string]*agent.Link{}}
	l.site = block.site(t, dir.Path)
	if err := os.WriteFile(filepath.Join(dir.Path, tokenFile), []byte(l.site.Token), 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("token of the lab: %w", err), l.Close(ctx))
	}
	say(fmt.Sprintf("lab %s: agents on loopback %s, their files in %s", l.id, block.prefix, dir.Path))
	if err := l.startAll(ctx, r.o); err != nil {
		return nil, errors.Join(err, l.Close(context.WithoutCancel(ctx)))
	}
	return l, nil
}

// tokenFile is where people find the lab's token, in its directory; no node is named so.
const tokenFile = "lab.token"

// block is a /24 of loopback that a lab has for itself.
type block struct {
	id     string
	prefix netip.Prefix
	base   [4]byte
}

// newBlock draws a block at random and makes sure that nobody uses its first address for VRRP.
func newBlock() (block, error) {
	for range 16 {
		var b [4]byte
		if _, err := rand.Read(b[:]); err != nil {
			return block{}, err
		}
		base := [4]byte{127, 64 + b[0]%64, b[1], 0}
		probe := base
		probe[3] = firstNode
		c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: probe[:], Port: proxy.VRRPPort})
		if err != nil {
			continue
		}
		_ = c.Close()
		return block{hex.EncodeToString(b[:]), netip.PrefixFrom(netip.AddrFrom4(base), 24), base}, nil
	}
	return block{}, errors.New("no free block of loopback addresses")
}

// The layout of a block.
const (
	firstNode   = 10
	firstOrigin = 200
	firstVIP    = 220
)

func (b block) addr(n int) netip.Addr {
	a := b.base
	a[3] = byte(n)
	return netip.AddrFrom4(a)
}

func (b block) site(t topology.Topology, dir string) proxy.Site {
	s := proxy.Site{LAN: map[string]netip.Addr{}, WAN: map[string]netip.Addr{}, VIP: map[string]netip.Addr{},
		Builtin: true, Shared: true, Dir: filepath.Join(dir, "%NODE%"), Token: rand.Text()}
	n := firstNode
	next := func(name string) { s.LAN[name] = b.addr(n); n++ }
	for _, node := range t.Nodes {
		next(node.Name)
	}
	for _, link := range t.WAN {
		next(link.Name)
	}
	for _, group := range t.Users {
		next(group.Name)
	}
	for i, origin := range t.Origins {
		s.WAN[origin.Name] = b.addr(firstOrigin + i)
	}
	for i, address := range t.Addresses {
		s.VIP[address.Name] = b.addr(firstVIP + i)
	}
	return s
}

// lab is one topology on loopback.
type lab struct {
	sim.HostClock
	id    string
	began int64
	dir   *tempdir.Dir
	site  proxy.Site

	mu    sync.Mutex
	links map[string]*agent.Link
	procs []*process
}

// ID names the lab.
func (l *lab) ID() string { return l.id }

// Site gives its addresses.
func (l *lab) Site() proxy.Site { return l.site }

// Began is when Deploy was called.
func (l *lab) Began() int64 { return l.began }

// Node gives a node's agent; nil if there is no such node.
func (l *lab) Node(name string) sim.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	if link := l.links[name]; link != nil {
		return link
	}
	return nil
}

func (l *lab) startAll(ctx context.Context, o Options) error {
	var names []string
	for name := range l.site.LAN {
		names = append(names, name)
	}
	for name := range l.site.WAN {
		names = append(names, name)
	}
	errs := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { errs[i] = l.startOne(ctx, name, o) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (l *lab) startOne(ctx context.Context, name string, o Options) error {
	p, err := startAgent(name, o)
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.procs = append(l.procs, p)
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, helloWithin)
	defer cancel()
	link, err := agent.Dial(ctx, name, p)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.links[name] = link
	return nil
}

// helloWithin bounds how long an agent may take to say hello; exitWithin how long it may take to end.
const (
	helloWithin = 10 * time.Second
	exitWithin  = 3 * time.Second
)

// Close ends every agent, and with them their services.
func (l *lab) Close(ctx context.Context) error {
	l.mu.Lock()
	procs := l.procs
	l.procs = nil
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, exitWithin)
	defer cancel()
	errs := make([]error, len(procs))
	var all sync.WaitGroup
	for i, p := range procs {
		all.Go(func() { errs[i] = p.end(ctx) })
	}
	all.Wait()
	return errors.Join(append(errs, l.dir.Remove())...)
}
