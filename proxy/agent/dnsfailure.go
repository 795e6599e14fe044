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

// DNSFailure kills one DNS responder (the default), or makes it answer SERVFAIL or nothing. Recovery makes it answer again.
var DNSFailure = Executor{inject: (*host).failDNS, recover: (*host).mendDNS}

// Modes of dns-failure.
const (
	dnsDead     = "dead"
	dnsServfail = string(proxy.DNSServfail)
	dnsSilent   = string(proxy.DNSSilent)
)

// Time-outs of the agent's own queries. An answer takes far less than a millisecond unless the machine is busy.
const (
	dnsAnswer = 2 * time.Second        // when an answer must come
	dnsQuiet  = 250 * time.Millisecond // when none must come; at least twice the time of the last answer
	dnsPoll   = 2 * time.Millisecond   // after a kill: a query that the responder no longer reads must not delay the next one
)

// failDNS makes a DNS responder fail by the mode: its process dies, it answers SERVFAIL, or it drops every query. The agent's own
// queries before and after are the proof.
func (h *host) failDNS(ctx context.Context, f Fault) (p proxy.Proven, err error) {
	s, face, err := h.responder(f.Service)
	if err != nil {
		return p, err
	}
	asked := proxy.Monotonic()
	if _, err = face.awaitAnswer(ctx); err != nil {
		return p, fmt.Errorf("service %s does not answer before the fault: %w", f.Service, err)
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

// killDNS kills the responder like crash. Then the kernel refuses queries, over UDP too.
func (h *host) killDNS(ctx context.Context, f Fault, s *service, face *responderFace) (p proxy.Proven, err error) {
	pids, err := s.running()
	if err != nil {
		return p, err
	}
	if p.Interval, err = s.crash(ctx, pids); err != nil {
		return p, err
	}
	var proof string
	err = poll(ctx, face.Server+" does not refuse queries", func() bool {
		seen, err := face.failing(ctx, dnsDead, dnsPoll)
		proof = seen
		return err == nil
	})
	p.Proof = fmt.Sprintf("%s, %d process(es) dead", proof, len(pids))
	return p, errors.Join(err, awaitDead(ctx, pids))
}

// mendDNS makes the responder answer again. An answer is the proof.
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
	p.Proof = fmt.Sprintf("the agent's query for %s got %d address(es)", face.Host, len(answer.Addrs))
	return p, err
}

// responder finds the DNS responder of a fault.
func (h *host) responder(name string) (*service, *responderFace, error) {
	s, err := h.service(name)
	if err != nil {
		return nil, nil, err
	}
	if s.p.Responder == nil {
		return nil, nil, fmt.Errorf("service %s is not a DNS responder", name)
	}
	return s, (*responderFace)(s.p.Responder), nil
}

// resolves reports whether a DNS responder answers queries: its TCP socket accepts earlier. It is true for other services.
func (s *service) resolves(ctx context.Context) bool {
	if s.p.Responder == nil {
		return true
	}
	_, err := (*responderFace)(s.p.Responder).ask(ctx, dnsAnswer)
	return err == nil
}

// responderFace is the agent's access to the node's responder.
type responderFace proxy.ResponderFace

// ask sends one query from this node.
func (r *responderFace) ask(ctx context.Context, within time.Duration) (stub.Answer, error) {
	return stub.Ask(ctx, r.Server, r.Host, within)
}

// set changes the mode. The interval is that of the change.
func (r *responderFace) set(ctx context.Context, mode proxy.DNSMode) (proxy.Interval, error) {
	began := proxy.Monotonic()
	err := proxy.SetDNS(ctx, r.Control, mode)
	return proxy.Since(began), err
}

// awaitAnswer sends queries until there is an answer or ctx ends.
func (r *responderFace) awaitAnswer(ctx context.Context) (answer stub.Answer, err error) {
	var last error
	err = poll(ctx, r.Server+" does not answer", func() bool { answer, last = r.ask(ctx, dnsAnswer); return last == nil })
	if err != nil {
		err = errors.Join(err, last)
	}
	return answer, err
}

// failing sends a query and describes the failure. An answer, or a failure of another mode, is an error.
func (r *responderFace) failing(ctx context.Context, mode string, within time.Duration) (string, error) {
	answer, err := r.ask(ctx, within)
	var timeout net.Error
	switch {
	case ctx.Err() != nil: // else this would count as silence
		return "", context.Cause(ctx)
	case err == nil:
		return "", fmt.Errorf("%s still answers, with %d address(es)", r.Server, len(answer.Addrs))
	case mode == dnsDead && errors.Is(err, syscall.ECONNREFUSED):
		return r.Server + " refuses queries", nil
	case mode == dnsServfail && errors.Is(err, stub.ServerFailure):
		return "the agent's query got SERVFAIL", nil
	case mode == dnsSilent && errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Sprintf("the agent's query got no answer within %s", within), nil
	}
	return "", fmt.Errorf("%s fails in another way than %s: %w", r.Server, mode, err)
}
