package builtin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// DNSMain is a DNS server (proxy.DNSConfig) for one name with several addresses, over UDP, and over TCP on listeners[0]. It checks each
// address as a balancer does, and asks the agent-check of its chassis if there is one. Answers have the records that are up and whose
// chassis is ready; if there are none, all records that are up; if none is up, all records. Each answer starts with the next record
// (round robin). The server refuses all other names.
func DNSMain(ctx context.Context, configJSON []byte, listeners []net.Listener, stdout io.Writer) error {
	cfg, err := decode[proxy.DNSConfig](configJSON, 1, listeners)
	if err != nil {
		return err
	}
	r, err := newResponder(cfg, stdout)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	run, ctx := errgroup.WithContext(ctx)
	run.Go(func() error { return answerDNS(ctx, cfg.Listen, listeners[0], r) })
	run.Go(func() error { return control(ctx, cfg.Control, r) })
	for i, record := range cfg.Records {
		run.Go(func() error { return r.watch(ctx, i) })
		if record.Agent != "" {
			run.Go(func() error { return pollSignals(ctx, record.Agent, func(s proxy.Signal) { r.signal(i, s) }) })
		}
	}
	return run.Wait()
}

// answerDNS answers queries over UDP at addr and over TCP on l, until ctx ends.
func answerDNS(ctx context.Context, addr string, l net.Listener, answers dns.Handler) error {
	packets, err := net.ListenPacket("udp", addr)
	if err != nil {
		return err
	}
	run, ctx := errgroup.WithContext(ctx)
	for _, server := range []*dns.Server{
		{PacketConn: packets, Handler: answers},
		{Listener: listen(l, 64), Handler: answers},
	} {
		run.Go(func() error { return serveDNS(ctx, server) })
	}
	return run.Wait()
}

// serveDNS serves until ctx ends.
func serveDNS(ctx context.Context, server *dns.Server) error {
	started := make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	stop := context.AfterFunc(ctx, func() {
		<-started // Shutdown fails before that
		_ = server.Shutdown()
	})
	defer stop()
	return ended(ctx, server.ActivateAndServe())
}

// responder answers for one name.
type responder struct {
	cfg    proxy.DNSConfig
	name   string
	check  policy.CheckConfig
	addrs  []net.IP // by record
	events *events

	mu     sync.Mutex
	down   []bool // by record: its check fails
	notice []bool // by record: its chassis signals drain or leave
	turn   int    // index of the next answer's first record
	mode   proxy.DNSMode
}

func newResponder(cfg proxy.DNSConfig, stdout io.Writer) (*responder, error) {
	r := &responder{
		cfg: cfg, name: dns.CanonicalName(cfg.Host), mode: proxy.DNSWell,
		down: make([]bool, len(cfg.Records)), notice: make([]bool, len(cfg.Records)),
		check:  policy.CheckConfig{Interval: cfg.Check.Interval, Fall: cfg.Check.Fall, Rise: cfg.Check.Rise},
		events: &events{node: cfg.Node, out: stdout},
	}
	if _, ok := dns.IsDomainName(cfg.Host); !ok || cfg.Host == "" || len(cfg.Records) == 0 || cfg.Check.Timeout <= 0 {
		return nil, errors.New("want a host name, at least one record, and a check's timeout_ns above 0")
	}
	for _, record := range cfg.Records {
		addr, err := netip.ParseAddr(record.Addr)
		if err != nil || !addr.Is4() {
			return nil, fmt.Errorf("record %s: addr %q: want an IPv4 address", record.Name, record.Addr)
		}
		r.addrs = append(r.addrs, addr.AsSlice())
	}
	return r, r.check.Validate()
}

// watch checks record i until ctx ends. The record starts healthy.
func (r *responder) watch(ctx context.Context, i int) error {
	record := r.cfg.Records[i]
	r.events.print(proxy.Event{At: proxy.Monotonic(), Kind: proxy.EventRecord, Subject: record.Name, State: proxy.RecordBack})
	probe := func(ctx context.Context) error {
		return proxy.Probe(ctx, r.cfg.Check.Kind, record.Probe, r.cfg.Check.Timeout)
	}
	return watch(ctx, r.check, i, len(r.cfg.Records), probe, r.events.missed(record.Name), func(now int64, up bool, err error) {
		r.learn(now, i, func() { r.down[i] = !up }, func() string { return err.Error() })
	})
}

// signal records the signal of record i's chassis. Drain and leave have the same effect: DNS can only withdraw a record.
func (r *responder) signal(i int, s proxy.Signal) {
	r.learn(proxy.Monotonic(), i, func() { r.notice[i] = s != proxy.SignalReady }, func() string { return "chassis: " + string(s) })
}

// learn applies a change to record i. If the change withdraws the record or brings it back, learn prints the event.
func (r *responder) learn(now int64, i int, change func(), why func() string) {
	r.mu.Lock()
	was := r.down[i] || r.notice[i]
	change()
	is := r.down[i] || r.notice[i]
	r.mu.Unlock()
	if was == is {
		return
	}
	event := proxy.Event{At: now, Kind: proxy.EventRecord, Subject: r.cfg.Records[i].Name, State: proxy.RecordBack}
	if is {
		event.State, event.Text = proxy.RecordWithdrawn, why()
	}
	r.events.print(event)
}

// ServeDNS answers one query.
func (r *responder) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	if reply := r.answer(question); reply != nil {
		_ = w.WriteMsg(reply) // an error means that the client has gone
	}
}

// answer gives the reply to a query; nil: no reply.
func (r *responder) answer(question *dns.Msg) *dns.Msg {
	r.mu.Lock()
	defer r.mu.Unlock()
	reply := new(dns.Msg).SetReply(question)
	switch {
	case r.mode == proxy.DNSSilent:
		return nil
	case r.mode == proxy.DNSServfail:
		return reply.SetRcode(question, dns.RcodeServerFailure)
	case question.Opcode != dns.OpcodeQuery:
		return reply.SetRcode(question, dns.RcodeNotImplemented)
	case len(question.Question) != 1:
		return reply.SetRcode(question, dns.RcodeFormatError)
	}
	q := question.Question[0]
	if q.Qclass != dns.ClassINET || dns.CanonicalName(q.Name) != r.name {
		return reply.SetRcode(question, dns.RcodeRefused)
	}
	if reply.Authoritative = true; q.Qtype != dns.TypeA && q.Qtype != dns.TypeANY {
		return reply // the name has no record of this type
	}
	for _, i := range r.healthy() {
		header := dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: r.cfg.TTL}
		reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: r.addrs[i]})
	}
	return reply
}

// healthy gives the records of the next answer, in order. The caller holds r.mu.
func (r *responder) healthy() []int {
	var well, up, all []int
	for k := range r.addrs {
		i := (r.turn + k) % len(r.addrs)
		all = append(all, i)
		if !r.down[i] {
			up = append(up, i)
			if !r.notice[i] {
				well = append(well, i)
			}
		}
	}
	best := all
	switch {
	case len(well) > 0:
		best = well
	case len(up) > 0:
		best = up
	}
	r.turn = (best[0] + 1) % len(r.addrs) // turn+1 would make the record after a dead one first twice as often
	return best
}

// ServeHTTP is the control: PUT sets the mode; PUT and GET answer with it.
func (r *responder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if request.Method == http.MethodPut {
		text, err := io.ReadAll(io.LimitReader(request.Body, 100))
		switch mode := proxy.DNSMode(strings.TrimSpace(string(text))); {
		case err == nil && (mode == proxy.DNSWell || mode == proxy.DNSServfail || mode == proxy.DNSSilent):
			r.mode = mode
		default:
			http.Error(w, fmt.Sprintf("want %s, %s or %s", proxy.DNSWell, proxy.DNSServfail, proxy.DNSSilent), http.StatusBadRequest)
			return
		}
	}
	_, _ = io.WriteString(w, string(r.mode))
}
