package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
)

// PowerLoss turns the whole node off: its links go down, then its processes are killed and the kernel forgets their connections. Peers
// get no FIN. If nodes share one network stack, processes are frozen and their sockets silenced. Recovery boots the node.
var PowerLoss = Executor{inject: (*host).powerOff, recover: (*host).powerOn}

// powerOff takes the links down before it kills the processes: peers get no FIN.
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
	for _, s := range h.all() {
		pids = append(pids, s.pids()...)
		s.kill()
	}
	if err = awaitDead(ctx, pids); err != nil {
		return p, err
	}
	forgotten, err := forgetConnections()
	p.Proof = fmt.Sprintf("%d link(s) down, then %d process(es) killed, %d connection(s) forgotten", len(h.links.all), len(pids), forgotten)
	if err != nil { // Linux before 6.11 keeps connections without a process; the power loss is proven all the same
		p.Proof += fmt.Sprintf(", but not all of them (%v)", err)
	}
	return p, nil
}

// freezeAll is a power loss on a shared network stack. Frozen processes make connections hang; silenced listening sockets leave new
// ones unanswered.
func (h *host) freezeAll(ctx context.Context) (p proxy.Proven, err error) {
	began := proxy.Monotonic()
	var pids []int
	for _, s := range h.all() {
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

// silenceAll silences every listening socket of the node and every address relayed to it, concurrently: each proof takes a wait. The
// instant is that from which all of them were silent.
func (h *host) silenceAll() (full int64, err error) {
	var silencers []func() (int64, error)
	for _, s := range h.all() {
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

// powerOn boots the node: it brings up the links with their first addresses, and starts every service.
func (h *host) powerOn(ctx context.Context, _ Fault) (p proxy.Proven, err error) {
	if h.machine != nil {
		if err = h.machine.powerOn(ctx); err != nil {
			return p, err
		}
	}
	for _, s := range h.all() {
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
	p.Proof = fmt.Sprintf("links up, %d service(s) listening", len(h.all()))
	return p, nil
}
