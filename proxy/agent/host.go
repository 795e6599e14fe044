package agent

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// host is the agent's node: its links, power and services, and the active faults.
type host struct {
	o      Options
	report func(proxy.Event)
	starts *starter

	// life is the agent's context. Every goroutine that outlives a request (a time line, a flapping link, the chassis) has a child of
	// it. end cancels it and waits for the goroutines in background.
	life       context.Context
	cancel     context.CancelFunc
	background sync.WaitGroup

	// dark says that the node has no power: last events of its services are dropped.
	dark atomic.Bool
	// sending is the latest load of this node's users; nil: none yet.
	sending atomic.Pointer[sending]
	// script is the process id of these users' PAC file; 0: none yet.
	script atomic.Int64

	// Locks. turn serializes changes of the node: start, forget, a step of a fault, a change of a time line, a shutdown by the chassis,
	// end. It is held for the whole change, up to seconds, but not while a step waits for its instant. Events, readings and meters do
	// not take it. Order: turn, then mu, or the locks of a service, a relay or the machine; none of these is held when turn is taken.
	// turn guards the fields up to mu.
	turn    sync.Mutex
	spec    proxy.NodeSpec
	links   *links
	machine *machine // nil on nodes that are not part of the service
	faults  faultStates
	outages map[string]*outage   // by the fault's id
	flaps   map[string]*flapping // by the fault's id
	fillers map[string]*filler   // by the fault's id

	// mu guards services. It is held for a few instructions.
	mu       sync.Mutex
	services []*service
}

// newHost makes a node that runs until ctx ends or end is called.
func newHost(ctx context.Context, o Options, report func(proxy.Event)) *host {
	h := &host{
		o: o, report: report, starts: newStarter(), faults: faultStates{}, outages: map[string]*outage{}, flaps: map[string]*flapping{},
		fillers: map[string]*filler{},
	}
	h.life, h.cancel = context.WithCancel(ctx)
	return h
}

// start boots the node: hosts file, then every service, and waits until all are ready.
func (h *host) start(ctx context.Context, spec proxy.NodeSpec) error {
	h.turn.Lock()
	defer h.turn.Unlock()
	if h.all() != nil {
		return errors.New("already started")
	}
	h.spec = spec
	if spec.Network != nil {
		if err := setUp(*spec.Network); err != nil {
			return fmt.Errorf("network: %w", err)
		}
	}
	for _, f := range spec.Files {
		if err := writeFile(f); err != nil {
			return err
		}
	}
	if !spec.Shared {
		l, err := readLinks()
		if err != nil {
			return err
		}
		h.links = l
	}
	if err := writeHosts(spec.Hosts); err != nil {
		return err
	}
	if spec.Chassis != nil {
		m, err := newMachine(h.life, spec.Node, *spec.Chassis, h.report, h.trip)
		if err != nil {
			return err
		}
		h.machine = m
	}
	h.install(spec.Processes)
	if err := h.check(ctx); err != nil {
		return err
	}
	h.watch()
	_, err := h.boot(ctx)
	return err
}

// check asks the engines whether they accept their configurations. The error quotes each that refuses.
func (h *host) check(ctx context.Context) error {
	var errs []error
	for _, s := range h.all() {
		errs = append(errs, s.check(ctx))
	}
	return errors.Join(errs...)
}

// watch begins to watch the node's network. A node that cannot is only less exact about a failover: see proxy.EventWatching.
func (h *host) watch() {
	if slices.ContainsFunc(h.all(), func(s *service) bool { return len(s.relays) > 0 }) {
		h.seen(proxy.Event{At: proxy.Monotonic(), Kind: proxy.EventWatching})
	}
	if h.spec.Watch == nil || h.spec.Shared {
		return
	}
	if err := h.watchNetwork(*h.spec.Watch); err != nil {
		fmt.Fprintf(h.o.Log, "spof: the network of %s is not watched: %v\n", h.spec.Node, err)
	}
}

// install makes the node's services. It does not start them.
func (h *host) install(processes []proxy.Process) {
	list := make([]*service, 0, len(processes))
	for _, p := range processes {
		list = append(list, newService(p, h.o, h.starts, h.event))
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.services = list
}

// all gives the node's services; nil before its start.
func (h *host) all() []*service {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.services
}

// boot starts all services concurrently, and gives the interval in which the last of them became ready.
func (h *host) boot(ctx context.Context) (proxy.Interval, error) {
	services := h.all()
	ready, errs := make([]proxy.Interval, len(services)), make([]error, len(services))
	now := proxy.Monotonic()
	last := proxy.Interval{Before: now, After: now}
	var all sync.WaitGroup
	for i, s := range services {
		all.Go(func() { ready[i], errs[i] = s.start(ctx) })
	}
	all.Wait()
	for _, r := range ready {
		last = proxy.Interval{Before: max(last.Before, r.Before), After: max(last.After, r.After)}
	}
	return last, errors.Join(errs...)
}

// forget ends the half-open connections that an earlier trial left on this node, and renews a WAN link that it changed.
func (h *host) forget(ctx context.Context) error {
	h.turn.Lock()
	defer h.turn.Unlock()
	if link, err := h.wan(); err == nil {
		return link.Renew(ctx)
	}
	if h.spec.Shared {
		return nil
	}
	_, err := forgetConnections()
	return err
}

// end kills every process and releases what faults hold of the machine. The host is not used again.
func (h *host) end() {
	h.cancel()
	h.kill()
	h.background.Wait()
	h.starts.stop()
}

// kill ends the services, the disk-full faults and the chassis.
func (h *host) kill() {
	h.turn.Lock()
	defer h.turn.Unlock()
	for _, s := range h.all() {
		s.kill()
	}
	for id, f := range h.fillers {
		_ = f.release() // the controller has gone: an error cannot be reported
		delete(h.fillers, id)
	}
	if h.machine != nil {
		h.machine.close()
	}
}

// event reports a service's event. Relays follow the VRRP state in it, before the report: whoever hears of a master finds the address on it.
func (h *host) event(e proxy.Event) {
	if h.dark.Load() {
		return
	}
	began, moved := proxy.Monotonic(), false
	if e.Kind == proxy.EventVRRP {
		for _, s := range h.all() {
			moved = s.follow(h.life, e.Subject, e.State == proxy.VRRPMaster) || moved
		}
	}
	taken := proxy.Since(began)
	h.seen(e)
	if moved { // it replaces the gratuitous ARP
		h.seen(taken.Stamp(proxy.Event{Kind: proxy.EventAnnounced, Subject: e.Subject, State: proxy.AnnouncementSent, Text: "relayed on loopback"}))
	}
}

// service finds a service by name.
func (h *host) service(name string) (*service, error) {
	var have []string
	for _, s := range h.all() {
		if s.p.Service == name {
			return s, nil
		}
		have = append(have, s.p.Service)
	}
	return nil, fmt.Errorf("no service %q on this node; it has: %s", name, strings.Join(have, ", "))
}

// running finds a fault's service and its processes. It fails if the service does not run.
func (h *host) running(name string) (*service, []int, error) {
	s, err := h.service(name)
	if err != nil {
		return nil, nil, err
	}
	pids, err := s.running()
	return s, pids, err
}

// wan finds the control of this node's WAN link.
func (h *host) wan() (*toxi.Control, error) {
	for _, s := range h.all() {
		if s.p.Control != "" {
			return s.control(), nil
		}
	}
	return nil, errors.New("this node is not a WAN link")
}

// writeHosts appends names to the node's hosts file (docker only: each container has its own).
func writeHosts(names map[string]string) error {
	if len(names) == 0 {
		return nil
	}
	f, err := os.OpenFile("/etc/hosts", os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("hosts file: %w", err)
	}
	for name, addr := range names {
		if _, err = fmt.Fprintf(f, "%s\t%s\n", addr, name); err != nil {
			break
		}
	}
	return errors.Join(err, f.Close())
}

// poll calls seen every 200 us until it reports true. If ctx ends first, the error begins with what.
func poll(ctx context.Context, what string, seen func() bool) error {
	_, err := pollBetween(ctx, what, proxy.Monotonic(), seen)
	return err
}

// pollBetween is poll that gives the interval in which the condition became true. It begins at the last call of seen that gave false, or
// at from if there was none. It ends after the call that gave true.
func pollBetween(ctx context.Context, what string, from int64, seen func() bool) (proxy.Interval, error) {
	tick := time.NewTicker(200 * time.Microsecond)
	defer tick.Stop()
	before := from
	for {
		looked := proxy.Monotonic()
		if seen() {
			return proxy.Since(before), nil
		}
		before = looked
		select {
		case <-tick.C:
		case <-ctx.Done():
			return proxy.Interval{}, fmt.Errorf("%s: %w", what, context.Cause(ctx))
		}
	}
}
