// Package local is the runtime without a container engine. The agents of a lab are child processes on loopback, and spof's own
// engines stand in for the real ones. The nodes share one network stack, so a power loss and a VRRP address are emulated. Begin
// at New and Runtime.Deploy. The package injects no fault: agents do.
package local

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/tempdir"
	"github.com/seed-ab8b6914/spof/sim/trace"
	"github.com/seed-ab8b6914/spof/topology"
)

// Options of the runtime.
type Options struct {
	Binary string    // the spof program; empty: the running program
	Log    io.Writer // receives what agents and services write; nil: discarded
}

// Runtime runs labs as processes of this machine.
type Runtime struct{ o Options }

// New makes the runtime.
func New(o Options) (*Runtime, error) {
	if o.Binary == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, reason.Errorf("no-program", "the path of this program: %w", err)
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

// Fidelity says whether each fault and mechanism is real or emulated on loopback.
func (*Runtime) Fidelity() []trace.Fidelity {
	list := append(sim.FaultFidelity(func(k fault.Kind) fault.Fidelity { return k.Local }), []trace.Fidelity{
		sim.MechanismDNS.Real("spof's own DNS server, asked over UDP; the load generator keeps the users' caches"),
		sim.MechanismSignals.Emulated("spof's own election, balancer and DNS server read the chassis as keepalived and HAProxy do; the stand-in for nginx does not read it"),
		sim.MechanismPAC.Emulated("the script runs as JavaScript for every request; no browser runs: the load generator's users leave a proxy by the rules of Chrome or Firefox"),
		sim.MechanismWAN.Emulated("Toxiproxy in a process of its own relays connections, not packets: traffic above the bandwidth waits, and nothing is dropped"),
		sim.MechanismVRRP.Emulated("spof's own election over UDP; the holder relays the address on loopback instead of announcing it by ARP"),
	}...)
	for _, e := range registry.Named() {
		list = append(list, trace.Fidelity{What: e.Name, Level: trace.Emulated, How: e.OnLoopback})
	}
	return append(list, trace.Fidelity{What: string(topology.Builtin), Level: trace.Real, How: "spof's own programs"})
}

// Prepare removes the leftovers of killed runs. A node needs only the program.
func (*Runtime) Prepare(_ context.Context, _ topology.Topology, say func(string)) error {
	tempdir.Tidy(say)
	return nil
}

// Deploy starts an agent for every node, link, origin and user group.
func (r *Runtime) Deploy(ctx context.Context, t topology.Topology, say func(string)) (sim.Lab, error) {
	began := sim.HostClock{}.Now()
	block, err := newBlock()
	if err != nil {
		return nil, err
	}
	dir, err := tempdir.Make("local")
	if err != nil {
		return nil, errors.Join(reason.Errorf("no-lab-directory", "directory of the lab: %w", err), block.held.Close())
	}
	l := &lab{id: block.id, began: began, dir: dir, held: block.held, links: map[string]*agent.Link{}}
	l.site = block.site(t, dir.Path)
	if err := os.WriteFile(filepath.Join(dir.Path, tokenFile), []byte(l.site.Token), 0o600); err != nil {
		return nil, errors.Join(reason.Errorf("no-lab-directory", "token of the lab: %w", err), l.Close(ctx))
	}
	say(fmt.Sprintf("lab %s: agents on loopback %s, their files in %s", l.id, block.prefix, dir.Path))
	if err := l.startAll(ctx, r.o); err != nil {
		return nil, errors.Join(err, l.Close(context.WithoutCancel(ctx)))
	}
	return l, nil
}

// tokenFile holds the token of the lab, for people. It is in the lab's directory; no node has this name.
const tokenFile = "lab.token"

// block is a /24 of loopback that one lab uses.
type block struct {
	id     string
	prefix netip.Prefix
	base   [4]byte
	held   io.Closer // a socket that no other lab can open while this one is up
}

// newBlock draws a random block that no other lab holds, and whose first address has no listener on the VRRP port: a killed lab may
// still be ending. The caller closes held.
func newBlock() (block, error) {
	for range 16 {
		var b [4]byte
		if _, err := rand.Read(b[:]); err != nil {
			return block{}, err
		}
		base := [4]byte{127, 64 + b[0]%64, b[1], 0}
		held, err := listenVRRP(base, holder)
		if err != nil {
			continue
		}
		probe, err := listenVRRP(base, firstNode)
		if err != nil {
			_ = held.Close()
			continue
		}
		_ = probe.Close()
		return block{hex.EncodeToString(b[:]), netip.PrefixFrom(netip.AddrFrom4(base), 24), base, held}, nil
	}
	return block{}, reason.Errorf("no-loopback-block", "no free block of loopback addresses")
}

// listenVRRP opens the VRRP port of an address of a block.
func listenVRRP(base [4]byte, n byte) (*net.UDPConn, error) {
	base[3] = n
	return net.ListenUDP("udp4", &net.UDPAddr{IP: base[:], Port: proxy.VRRPPort})
}

// The layout of a block.
const (
	holder      = 1 // held by the controller
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
	held  io.Closer // the block of addresses
	site  proxy.Site

	mu    sync.Mutex
	links map[string]*agent.Link
	procs []*process
}

// ID is the lab's name.
func (l *lab) ID() string { return l.id }

// Site gives the addresses of all nodes.
func (l *lab) Site() proxy.Site { return l.site }

// Began is when Deploy was called.
func (l *lab) Began() int64 { return l.began }

// Node returns a node's agent; nil if there is no such node.
func (l *lab) Node(name string) sim.Node {
	l.mu.Lock()
	defer l.mu.Unlock()
	if link := l.links[name]; link != nil {
		return link
	}
	return nil
}

func (l *lab) startAll(ctx context.Context, o Options) error {
	names := slices.AppendSeq(slices.Collect(maps.Keys(l.site.LAN)), maps.Keys(l.site.WAN))
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

// helloWithin bounds the time from an agent's start to its hello, exitWithin the time until it ends.
const (
	helloWithin = 10 * time.Second
	exitWithin  = 3 * time.Second
)

// Close ends every agent with its services.
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
	_ = l.held.Close() // an error: closed before
	return errors.Join(append(errs, l.dir.Remove())...)
}
