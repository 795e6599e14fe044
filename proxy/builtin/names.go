package builtin

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"

	"github.com/miekg/dns"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
)

// namesTTL is how long its answers may be kept, in seconds. Files that name servers by name ask again after it.
const namesTTL = 60

// NamesMain is the DNS server of a lab (proxy.NamesConfig), over UDP, and over TCP on listeners[0]: it knows the names of the lab, and
// gives one address for every other name. It has IPv4 addresses only.
func NamesMain(ctx context.Context, configJSON []byte, listeners []net.Listener, _ io.Writer) error {
	cfg, err := decode[proxy.NamesConfig](configJSON, 1, listeners)
	if err != nil {
		return err
	}
	n := &names{known: map[string]netip.Addr{}, others: cfg.Others}
	for name, addr := range cfg.Names {
		n.known[dns.CanonicalName(name)] = addr
	}
	packets, err := net.ListenPacket("udp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("names: %w", err)
	}
	run, ctx := errgroup.WithContext(ctx)
	for _, server := range []*dns.Server{{PacketConn: packets, Handler: n}, {Listener: listen(listeners[0], 64), Handler: n}} {
		run.Go(func() error { return serveDNS(ctx, server) })
	}
	return run.Wait()
}

// names answers from a table.
type names struct {
	known  map[string]netip.Addr
	others netip.Addr
}

// ServeDNS answers one query. A reverse lookup of an address is refused: no file needs one.
func (n *names) ServeDNS(w dns.ResponseWriter, query *dns.Msg) {
	answer := new(dns.Msg).SetReply(query)
	answer.Authoritative, answer.RecursionAvailable = true, true
	switch q := query.Question; {
	case len(q) != 1 || query.Opcode != dns.OpcodeQuery:
		answer.SetRcode(query, dns.RcodeFormatError)
	case q[0].Qtype == dns.TypePTR:
		answer.SetRcode(query, dns.RcodeRefused)
	case q[0].Qtype == dns.TypeA:
		addr, ok := n.known[dns.CanonicalName(q[0].Name)]
		if !ok {
			addr = n.others
		}
		answer.Answer = []dns.RR{&dns.A{Hdr: dns.RR_Header{Name: q[0].Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: namesTTL}, A: addr.AsSlice()}}
	}
	_ = w.WriteMsg(answer) // a client that is gone gets none
}
