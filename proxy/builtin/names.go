package builtin

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"

	"github.com/miekg/dns"

	"github.com/seed-ab8b6914/spof/proxy"
)

// namesTTL is the TTL of the lab's names, in seconds.
const namesTTL = 60

// NamesMain is the DNS server of a lab of a team's files (proxy.NamesConfig), over UDP, and over TCP on listeners[0]. It answers queries
// for A records: names of the lab with their address, every other name with the address Others. It refuses reverse lookups, and has no
// record of any other type. It answers from the address that was asked.
func NamesMain(ctx context.Context, configJSON []byte, listeners []net.Listener, _ io.Writer) error {
	cfg, err := decode[proxy.NamesConfig](configJSON, 1, listeners)
	if err != nil {
		return err
	}
	n, err := newNames(cfg)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	return answerDNS(ctx, cfg.Listen, listeners[0], n)
}

// names answers from a table.
type names struct {
	known  map[string]netip.Addr // by canonical name
	others netip.Addr
}

func newNames(cfg proxy.NamesConfig) (*names, error) {
	n := &names{known: map[string]netip.Addr{}, others: cfg.Others}
	if !cfg.Others.Is4() {
		return nil, fmt.Errorf("others %q: want an IPv4 address", cfg.Others)
	}
	for name, addr := range cfg.Names {
		if _, ok := dns.IsDomainName(name); !ok || !addr.Is4() {
			return nil, fmt.Errorf("name %q, address %q: want a domain name and an IPv4 address", name, addr)
		}
		n.known[dns.CanonicalName(name)] = addr
	}
	return n, nil
}

// ServeDNS answers one query.
func (n *names) ServeDNS(w dns.ResponseWriter, question *dns.Msg) {
	_ = w.WriteMsg(n.answer(question)) // an error means that the client has gone
}

func (n *names) answer(question *dns.Msg) *dns.Msg {
	reply := new(dns.Msg).SetReply(question)
	reply.RecursionAvailable = true
	switch {
	case question.Opcode != dns.OpcodeQuery:
		return reply.SetRcode(question, dns.RcodeNotImplemented)
	case len(question.Question) != 1:
		return reply.SetRcode(question, dns.RcodeFormatError)
	}
	q := question.Question[0]
	if q.Qclass != dns.ClassINET || q.Qtype == dns.TypePTR {
		return reply.SetRcode(question, dns.RcodeRefused)
	}
	if q.Qtype != dns.TypeA && q.Qtype != dns.TypeANY {
		return reply
	}
	addr, known := n.known[dns.CanonicalName(q.Name)]
	if !known {
		addr = n.others
	}
	header := dns.RR_Header{Name: q.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: namesTTL}
	reply.Answer = append(reply.Answer, &dns.A{Hdr: header, A: addr.AsSlice()})
	return reply
}
