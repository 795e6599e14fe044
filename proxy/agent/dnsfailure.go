package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/stub"
)

// dnsFailure has one DNS responder die (the default), answer SERVFAIL, or be silent. Recovery has it answer again.
func dnsFailure(h *host) executor {
	return executor{inject: h.failDNS, recover: h.mendDNS}
}

// Modes of dns-failure.
const (
	dnsDead     = "dead"
	dnsServfail = string(proxy.DNSServfail)
	dnsSilent   = string(proxy.DNSSilent)
)

// How long an own question waits for an answer from the node itself, which takes well below a millisecond unless the machine has much
// to do: where an answer must come; for silence to be silence, or twice the time of the last answer; and while the responder's death is
// awaited, where one that it did not read any more would delay the next.
const (
	dnsAnswer = 2 * time.Second
	dnsQuiet  = 250 * time.Millisecond
	dnsPoll   = 2 * time.Millisecond
)

// failDNS has a DNS responder fail as the mode says: its process dies, it answers SERVFAIL, or it drops every question. Own
// questions before and after prove it.
func (h *host) failDNS(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	s, face, err := h.responder(f.Service)
	if err != nil {
		return p, err
	}
	asked := proxy.Monotonic()
	if _, err = face.awaitAnswer(ctx); err != nil {
		return p, fmt.Errorf("service %s does not answer even before the fault: %w", f.Service, err)
	}
	within := dnsAnswer
	switch f.Mode {
	case "", dnsDead:
		return h.killDNS(ctx, f, s, face)
	case dnsSilent:
		within = max(dnsQuiet, time.Duration(2*(proxy.Monotonic()-asked)))
	case dnsServfail:
	default:
		return p, fmt.Errorf("unknown mode %q of %s; valid: %s, %s, %s", f.Mode, f.Kind, dnsDead, dnsServfail, dnsSilent)
	}
	if p.Interval, err = face.set(ctx, proxy.DNSMode(f.Mode)); err != nil {
		return p, err
	}
	p.Proof, err = face.failing(ctx, f.Mode, within)
	return p, err
}

// killDNS kills the responder, as crash does: the kernel refuses for it, over UDP too.
func (h *host) killDNS(ctx context.Context, f Fault, s *service, face *responderFace) (p proxy.Proven, err error) {
	pids, err := s.running()
	if err != nil {
		return p, err
	}
	if p.Interval, err = s.crash(ctx, pids); err != nil {
		return p, err
	}
	var proof string
	err = poll(ctx, face.Server+" is not refused", func() bool {
		seen, err := face.failing(ctx, dnsDead, dnsPoll)
		proof = seen
		return err == nil
	})
	p.Proof = fmt.Sprintf("%s, %d process(es) dead", proof, len(pids))
	return p, errors.Join(err, awaitDead(ctx, pids))
}

// mendDNS has it answer again, and sees that it does.
func (h *host) mendDNS(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	_, face, err := h.responder(f.Service)
	if err != nil {
		return p, err
	}
	if f.Mode == dnsServfail || f.Mode == dnsSilent {
		p.Interval, err = face.set(ctx, proxy.DNSWell)
	} else {
		p, err = h.restart(ctx, f)
	}
	if err != nil {
		return p, err
	}
	answer, err := face.awaitAnswer(ctx)
	p.Proof = fmt.Sprintf("an own question for %s has %d address(es)", face.Host, len(answer.Addrs))
	return p, err
}

// responder finds the DNS responder that a fault strikes.
func (h *host) responder(name string) (*service, *responderFace, error) {
	s, err := h.service(name)
	if err != nil {
		return nil, nil, err
	}
	if s.p.Responder == nil {
		return nil, nil, fmt.Errorf("service %s is no DNS responder", name)
	}
	return s, (*responderFace)(s.p.Responder), nil
}

// resolves reports whether a service that is a DNS responder answers, which its TCP socket does not tell; others have nothing
// to answer.
func (s *service) resolves(ctx context.Context) bool {
	if s.p.Responder == nil {
		return true
	}
	_, err := (*responderFace)(s.p.Responder).ask(ctx, dnsAnswer)
	return err == nil
}

// responderFace is a responder as its node sees it.
type responderFace proxy.ResponderFace

// ask is one question of this node's own.
func (r *responderFace) ask(ctx context.Context, within time.Duration) (stub.Answer, error) {
	return stub.Ask(ctx, r.Server, r.Host, within)
}

// set changes the mode, between two instants.
func (r *responderFace) set(ctx context.Context, mode proxy.DNSMode) (proxy.Interval, error) {
	began := proxy.Monotonic()
	err := proxy.SetDNS(ctx, r.Control, mode)
	return proxy.Since(began), err
}

// awaitAnswer asks until there is an answer, as long as ctx lasts.
func (r *responderFace) awaitAnswer(ctx context.Context) (answer stub.Answer, err error) {
	var last error
	err = poll(ctx, r.Server+" does not answer", func() bool { answer, last = r.ask(ctx, dnsAnswer); return last == nil })
	if err != nil {
		err = errors.Join(err, last)
	}
	return answer, err
}

// failing asks, and says how the failure looks; anything but the mode's own is an error.
func (r *responderFace) failing(ctx context.Context, mode string, within time.Duration) (string, error) {
	answer, err := r.ask(ctx, within)
	var timeout net.Error
	switch {
	case ctx.Err() != nil: // which looks like silence, and is not the responder's
		return "", context.Cause(ctx)
	case err == nil:
		return "", fmt.Errorf("%s still answers, with %d address(es)", r.Server, len(answer.Addrs))
	case mode == dnsDead && errors.Is(err, syscall.ECONNREFUSED):
		return r.Server + " refuses questions", nil
	case mode == dnsServfail && errors.Is(err, stub.ServerFailure):
		return "an own question had SERVFAIL", nil
	case mode == dnsSilent && errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("an own question had no answer within %s", within), nil
	}
	return "", fmt.Errorf("%s fails otherwise than by %s: %w", r.Server, mode, err)
}
