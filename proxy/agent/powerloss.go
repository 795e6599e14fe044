package agent

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
)

// powerLoss is the death of the whole node: its links go down, then its processes are killed and the kernel forgets their connections,
// so that nobody hears a FIN. Where nodes share one network stack, processes are frozen and their sockets silenced. Recovery boots the node.
func powerLoss(h *host) executor {
	return executor{inject: h.powerOff, recover: h.powerOn}
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
	for _, s := range h.all() {
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

// silenceAll makes every socket of the node, and every address relayed to it, stop answering new connections, side by
// side: each proves its silence by waiting. The instant is that by which the last of them was silent.
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

// powerOn boots the node: links as they were at first, every service anew.
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
