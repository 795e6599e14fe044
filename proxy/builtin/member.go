package builtin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// member is this node as a router in one VRRP election.
type member struct {
	cfg     proxy.VRRPInstance
	token   string
	router  *policy.Router
	holder  holder
	socket  *net.UDPConn
	peers   []netip.AddrPort
	adverts chan received
	health  chan bool   // changes of the tracked service's health
	notices chan notice // changes of the chassis's signals
	holding bool
	held    int64 // the last announcement of the address
	events  *events
}

// holder adds the address to this node and removes it.
type holder interface {
	take(ctx context.Context) error
	drop() error
}

func newMember(cfg proxy.VRRPConfig, own netip.Addr, instance proxy.VRRPInstance, socket *net.UDPConn, out *events) (*member, error) {
	m := &member{cfg: instance, token: cfg.Token, socket: socket, adverts: make(chan received), health: make(chan bool), notices: make(chan notice), events: out}
	config := policy.RouterConfig{
		VRRP:    policy.VRRP{Version: instance.Version, Advert: instance.Advert, Priority: instance.Priority},
		Preempt: instance.Preempt,
		Address: own,
	}
	if instance.Track != nil {
		config.TrackWeight = instance.Track.Weight
	}
	if instance.Signals != nil {
		config.DrainWeight = instance.Signals.Weight
	}
	var err error
	if m.router, err = policy.NewRouter(config); err != nil {
		return nil, err
	}
	for _, peer := range instance.Peers {
		addr, err := netip.ParseAddr(peer)
		if err != nil {
			return nil, fmt.Errorf("peer: %w", err)
		}
		m.peers = append(m.peers, netip.AddrPortFrom(addr, proxy.VRRPPort))
	}
	m.holder = relayed{}
	if !cfg.Shared {
		m.holder, err = newInterfaceAddress(cfg.Interface, instance.VIP)
	}
	return m, err
}

// relayed does nothing: the node's agent relays the address by the events.
type relayed struct{}

func (relayed) take(context.Context) error { return nil }
func (relayed) drop() error                { return nil }

// knows reports whether an address is a peer's.
func (m *member) knows(from netip.Addr) bool {
	return slices.ContainsFunc(m.peers, func(peer netip.AddrPort) bool { return peer.Addr() == from.Unmap() })
}

// run takes part in the election until ctx ends, then leaves it.
func (m *member) run(ctx context.Context) error {
	run, ctx := errgroup.WithContext(ctx)
	if m.cfg.Track != nil {
		run.Go(func() error { return m.track(ctx) })
	}
	if m.cfg.Signals != nil {
		run.Go(func() error { return m.followChassis(ctx) })
	}
	run.Go(func() error { return m.elect(ctx) })
	return run.Wait()
}

// elect passes adverts, health, signals and its timer's ticks to the router.
func (m *member) elect(ctx context.Context) error {
	if err := m.holder.drop(); err != nil { // a killed run may have left the address
		return err
	}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	err := m.do(ctx, m.router.Startup(proxy.Monotonic()))
	for err == nil {
		var due <-chan time.Time
		if at, ok := m.router.Deadline(); ok {
			timer.Reset(time.Duration(at - proxy.Monotonic()))
			due = timer.C
		}
		var out policy.RouterOutput
		rival := false
		select {
		case a := <-m.adverts:
			out = m.router.Advert(proxy.Monotonic(), a.Priority, a.Interval, a.from)
			rival = a.Priority != policy.PriorityResign && m.holding && out.Send && !out.Changed &&
				proxy.Monotonic() > m.held+m.cfg.Advert.Nanoseconds()
		case ok := <-m.health:
			out = m.router.Track(proxy.Monotonic(), ok)
		case n := <-m.notices:
			out = m.router.Signal(proxy.Monotonic(), n.drain, n.leave)
		case <-due:
			out = m.router.Tick(proxy.Monotonic())
		case <-ctx.Done():
			return m.do(ctx, m.router.Shutdown())
		}
		if err = m.do(ctx, out); err == nil && rival {
			err = m.hold(ctx)
		}
	}
	return errors.Join(err, m.do(ctx, m.router.Shutdown()))
}

// do executes the router's output. The member drops an address before it resigns, and takes it after the first advert: this keeps the
// time short in which two nodes hold the address. The event comes last.
func (m *member) do(ctx context.Context, out policy.RouterOutput) error {
	if out.Changed && m.holding && out.State != policy.Master {
		m.holding = false
		if err := m.holder.drop(); err != nil {
			return err
		}
	}
	if out.Send {
		m.send(out.Priority)
	}
	if !out.Changed {
		return nil
	}
	if out.State == policy.Master {
		m.holding = true
		return m.hold(ctx)
	}
	event := proxy.Event{At: proxy.Monotonic(), Kind: proxy.EventVRRP, Subject: m.cfg.Address, State: proxy.State(out.State.String())}
	if out.State == policy.Initialize {
		event.State, event.Text = proxy.VRRPFault, "stopped"
	}
	m.events.print(event)
	return nil
}

// hold takes the address and announces it. A master does it again, at most once an advert interval, when it hears a rival that yields
// to it, as keepalived does (garp_lower_prio_repeat): the rival has announced the address too, and users may reach it there.
func (m *member) hold(ctx context.Context) error {
	if err := m.holder.take(ctx); err != nil {
		return err
	}
	m.held = proxy.Monotonic()
	m.events.print(proxy.Event{At: m.held, Kind: proxy.EventVRRP, Subject: m.cfg.Address, State: proxy.VRRPMaster})
	return nil
}

// send sends an advert to every peer. An unreachable peer is no error.
func (m *member) send(priority int) {
	datagram, err := json.Marshal(advert{
		Address: m.cfg.Address, RouterID: m.cfg.RouterID, Priority: priority, Interval: m.cfg.Advert, Token: m.token,
	})
	if err != nil {
		return
	}
	for _, peer := range m.peers {
		_, _ = m.socket.WriteToUDPAddrPort(datagram, peer)
	}
}

// track checks the tracked service at a fixed rate, like keepalived's scripts, and passes changes to elect.
func (m *member) track(ctx context.Context) error {
	t := m.cfg.Track
	health, err := policy.NewHealth(policy.CheckConfig{
		Interval: t.Interval, Fall: t.Fall, Rise: t.Rise, Cadence: policy.FixedRate,
	}, proxy.Monotonic())
	if err != nil {
		return err
	}
	for sleepUntil(ctx, health.Next()) {
		err := proxy.Probe(ctx, t.Kind, t.Probe, t.Timeout)
		if ctx.Err() != nil || !health.Ended(proxy.Monotonic(), err == nil) {
			continue
		}
		select {
		case m.health <- health.Up():
		case <-ctx.Done():
		}
	}
	return nil
}
