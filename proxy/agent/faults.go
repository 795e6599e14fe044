package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// The kinds of fault an agent can carry out.
const (
	faultPowerLoss = "power-loss"
	faultCrash     = "crash"
	faultHang      = "hang"
	faultWANLoss   = "wan-loss"
	faultDegrade   = "wan-degrade"
	faultFlap      = "wan-flap"
	faultPartition = "partition"
	faultConfig    = "config-break"
	faultRolling   = "rolling-restart"
	faultSurge     = "surge"
	faultBlock     = "exit-block"
	faultColdCache = "cold-cache"
	faultSlow      = "slow-origin"
	faultDisk      = "disk-full"
	faultDNS       = "dns-failure"
)

// effectWithin bounds how long the proof of an effect may take, which is milliseconds on a machine with nothing else to do;
// recoverWithin that of an undoing, which boots services. A proof that comes late leaves a wide interval, not none.
const (
	effectWithin  = 5 * time.Second
	recoverWithin = readyWithin + 5*time.Second
)

// maxAhead bounds how far in the future a fault may be asked for.
const maxAhead = time.Minute

// inject carries a fault out at its instant and proves its effect.
func (h *host) inject(ctx context.Context, f Fault) (*Effect, error) {
	return h.step(ctx, f, injecting, active, effectWithin)
}

// recover undoes a fault at its instant and proves it.
func (h *host) recover(ctx context.Context, f Fault) (*Effect, error) {
	return h.step(ctx, f, recovering, absent, recoverWithin)
}

// action does one thing to the node and proves it.
type action func(ctx context.Context, f Fault) (proxy.Proven, error)

// faultKind is how a kind of fault is carried out and undone.
type faultKind struct {
	inject, recover action
	// prepare does ahead of the instant what would delay the injection; nil: nothing.
	prepare func(ctx context.Context, f Fault)
	// within bounds the injection where it takes longer than effectWithin; 0: it does not.
	within time.Duration
}

// kinds lists every fault that an agent can carry out.
func (h *host) kinds() map[string]faultKind {
	return map[string]faultKind{
		faultPowerLoss: {inject: h.powerOff, recover: h.powerOn},
		faultCrash:     {inject: h.crash, recover: h.restart},
		faultHang:      {inject: h.hang, recover: h.resume},
		faultWANLoss:   {inject: h.cutWAN, recover: h.restoreWAN, prepare: h.prepareWAN},
		faultDegrade:   {inject: h.degradeWAN, recover: h.mendWAN, prepare: h.prepareWAN, within: degradeWithin},
		faultFlap:      {inject: h.flapWAN, recover: h.steadyWAN, prepare: h.prepareWAN},
		faultPSU:       h.hardware(failPSU, repairPSU),
		faultFans:      h.hardware(failFans, repairFans),
		faultOverheat:  h.hardware(heat, cool),
		faultZone:      h.hardware(heat, cool),
		faultFeed:      h.plant(),
		faultMains:     h.plant(),
		faultPartition: {inject: h.partition, recover: h.heal},
		faultConfig:    {inject: h.breakConfig, recover: h.mendConfig},
		faultRolling:   {inject: h.reboot, recover: h.rebooted, within: recoverWithin},
		faultDisk:      {inject: h.fillDisk, recover: h.freeDisk, prepare: h.prepareDisk},
		faultBlock:     {inject: h.block, recover: h.unblock, prepare: h.prepareRefusing},
		faultColdCache: {inject: h.emptyCache, recover: h.rebooted, within: recoverWithin},
		faultSlow:      {inject: h.slowOrigin, recover: h.hurryOrigin, within: slowWithin},
		faultDNS:       {inject: h.failDNS, recover: h.mendDNS},
		faultSurge:     {inject: h.surge, recover: h.subside},
	}
}

func (h *host) step(ctx context.Context, f Fault, during, then faultState, within time.Duration) (*Effect, error) {
	kind, known := h.kinds()[f.Kind]
	if !known {
		return nil, fmt.Errorf("unknown fault %q", f.Kind)
	}
	if during == injecting && kind.within > 0 {
		within = kind.within
	}
	if s, err := h.service(f.Service); err == nil && (f.Kind == faultRolling || f.Kind == faultColdCache) {
		within += s.p.StopsIn
	}
	if f.At > proxy.Monotonic()+maxAhead.Nanoseconds() {
		return nil, fmt.Errorf("fault %s is due more than %s ahead", f.ID, maxAhead)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.faults.move(f.ID, during); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, within+maxAhead)
	defer cancel()
	act := kind.recover
	if during == injecting {
		act = kind.inject
		if kind.prepare != nil {
			kind.prepare(ctx, f)
		}
	}
	h.mu.Unlock() // what else becomes of the node meanwhile does not wait for this
	err := awaitInstant(ctx, f.At)
	h.mu.Lock()
	if err != nil {
		return nil, h.faults.settle(f.ID, then, err)
	}
	ctx, cancelAct := context.WithTimeout(ctx, within)
	defer cancelAct()
	p, err := act(ctx, f)
	if err := h.faults.settle(f.ID, then, err); err != nil {
		return nil, err
	}
	return effectOf(p), nil
}

// exact is the last stretch before an instant: Go's timers are a millisecond coarse.
const exact = 5 * time.Millisecond

// awaitInstant returns at an instant of CLOCK_MONOTONIC, or with the context's cause before it.
func awaitInstant(ctx context.Context, at int64) error {
	if left := time.Duration(at - proxy.Monotonic()); left > exact {
		timer := time.NewTimer(left - exact)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	proxy.WaitMonotonic(at)
	return nil
}

// powerOff is silence first, then the death of everything: nobody on the network hears a FIN.
func (h *host) powerOff(ctx context.Context, _ Fault) (p proxy.Proven, err error) {
	h.dark.Store(true)
	if h.machine != nil {
		h.machine.lostPower(proxy.Monotonic())
	}
	defer func() {
		if err == nil {
			h.report(p.Stamp(proxy.Event{Kind: proxy.EventPower, State: proxy.PowerOff}))
		}
	}()
	if h.spec.Shared {
		return h.freezeAll(ctx)
	}
	if p.Interval, err = h.links.down(); err != nil {
		return p, err
	}
	var pids []int
	for _, s := range h.services {
		pids = append(pids, s.pids()...)
		s.kill()
	}
	if err = awaitDead(ctx, pids); err != nil {
		return p, err
	}
	forgotten, err := forgetConnections()
	p.Proof = fmt.Sprintf("%d link(s) down, then %d process(es) killed, %d connection(s) forgotten", len(h.links.all), len(pids), forgotten)
	if err != nil { // Linux before 6.11 keeps those that no process owns; the loss of power is proven without them
		p.Proof += fmt.Sprintf(", but not all of them (%v)", err)
	}
	return p, nil
}

// freezeAll is a power loss where all nodes share one network stack: processes frozen, so that connections hang, and
// listening sockets silenced, so that new ones are not answered.
func (h *host) freezeAll(ctx context.Context) (p proxy.Proven, err error) {
	began := proxy.Monotonic()
	var pids []int
	for _, s := range h.services {
		pids = append(pids, s.pids()...)
	}
	signalAll(pids, syscall.SIGSTOP)
	if err = poll(ctx, "freeze", func() bool { return allStopped(pids) }); err != nil {
		return p, err
	}
	p.Interval = proxy.Since(began)
	full, err := h.silenceAll()
	p.After = max(p.After, full)
	p.Proof = fmt.Sprintf("%d process(es) frozen, their sockets not answering", len(pids))
	return p, err
}

// silenceAll makes every socket of the node, and every address relayed to it, stop answering new connections, side by
// side: each proves its silence by waiting. The instant is that by which the last of them was silent.
func (h *host) silenceAll() (full int64, err error) {
	var silencers []func() (int64, error)
	for _, s := range h.services {
		silencers = append(silencers, s.silencers()...)
	}
	instants, errs := make([]int64, len(silencers)), make([]error, len(silencers))
	var all sync.WaitGroup
	for i, silence := range silencers {
		all.Go(func() { instants[i], errs[i] = silence() })
	}
	all.Wait()
	for _, at := range instants {
		full = max(full, at)
	}
	return full, errors.Join(errs...)
}

// powerOn boots the node: links as they were at first, every service anew.
func (h *host) powerOn(ctx context.Context, _ Fault) (p proxy.Proven, err error) {
	if h.machine != nil {
		if err = h.machine.powerOn(ctx); err != nil {
			return p, err
		}
	}
	for _, s := range h.services {
		s.kill()
		s.dropAddresses()
		if err = s.awaitGone(ctx); err != nil {
			return p, err
		}
	}
	if !h.spec.Shared {
		if err = h.links.up(); err != nil {
			return p, err
		}
	}
	h.dark.Store(false)
	if p.Interval, err = h.boot(ctx); err != nil {
		return p, err
	}
	h.report(proxy.Event{At: p.After, Kind: proxy.EventPower, State: proxy.PowerOn})
	p.Proof = fmt.Sprintf("links up, %d service(s) listening", len(h.services))
	return p, nil
}

// crash kills one service's processes; the kernel says goodbye for them, and then refuses. The effect is that they answer nobody
// any more; until the kernel has freed their memory and closed their sockets, which takes Squid 10 to 20 ms, it still accepts
// connections for them, only to reset these.
func (h *host) crash(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	s, pids, err := h.running(f.Service)
	if err != nil {
		return p, err
	}
	if p.Interval, err = s.crash(ctx, pids); err != nil {
		return p, err
	}
	p.Proof = fmt.Sprintf("%d process(es) dead", len(pids))
	if s.p.Ready != "" {
		refused, err := awaitRefused(ctx, s.p.Ready, p.After)
		if err != nil {
			return p, err
		}
		p.Proof += fmt.Sprintf(", %s refuses %s later", s.p.Ready, time.Duration(refused.After-p.After).Round(time.Millisecond))
	}
	return p, awaitDead(ctx, pids)
}

// crash kills the service's processes and gives the interval in which the last of them ran its last instruction.
func (s *service) crash(ctx context.Context, pids []int) (proxy.Interval, error) {
	began := proxy.Monotonic()
	s.kill()
	err := poll(ctx, "killed, but still running", func() bool { return allEnded(pids) })
	return proxy.Since(began), err
}

func (h *host) restart(ctx context.Context, f Fault) (proxy.Proven, error) {
	s, err := h.service(f.Service)
	if err != nil {
		return proxy.Proven{}, err
	}
	if err = s.awaitGone(ctx); err != nil {
		return proxy.Proven{}, err
	}
	ready, err := s.start(ctx)
	return proxy.Proven{Interval: ready, Proof: "service " + f.Service + " listening"}, err
}

// hang freezes one service's processes; the kernel goes on answering for them.
func (h *host) hang(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.signalService(ctx, f, syscall.SIGSTOP, "frozen", allStopped)
}

func (h *host) resume(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.signalService(ctx, f, syscall.SIGCONT, "running again", noneStopped)
}

func (h *host) signalService(ctx context.Context, f Fault, sig syscall.Signal, what string, all func(pids []int) bool) (proxy.Proven, error) {
	_, pids, err := h.running(f.Service)
	if err != nil {
		return proxy.Proven{}, err
	}
	began := proxy.Monotonic()
	signalAll(pids, sig)
	err = poll(ctx, fmt.Sprintf("%d process(es) not %s", len(pids), what), func() bool { return all(pids) })
	return proxy.Proven{Interval: proxy.Since(began), Proof: fmt.Sprintf("%d process(es) %s", len(pids), what)}, err
}

// awaitRefused waits until connects to an address are refused, and gives the interval in which that began, not before the
// instant given.
func awaitRefused(ctx context.Context, addr string, from int64) (proxy.Interval, error) {
	return pollBetween(ctx, addr+" still accepts", from, func() bool { return refuses(addr) })
}

// refuses reports whether a connect is refused.
func refuses(addr string) bool {
	c, err := net.DialTimeout("tcp", addr, 200*time.Millisecond)
	if err == nil {
		_ = c.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// silencers gives what makes each of the service's sockets, and of the addresses relayed to it, stop answering.
func (s *service) silencers() []func() (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []func() (int64, error)
	for _, l := range s.listeners {
		list = append(list, func() (int64, error) {
			fill, full, err := silence(l)
			s.mu.Lock()
			defer s.mu.Unlock()
			s.fill = append(s.fill, fill...)
			return full, err
		})
	}
	for _, r := range s.relays {
		list = append(list, r.silence)
	}
	return list
}
