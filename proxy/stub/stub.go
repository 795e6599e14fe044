// Package stub asks DNS servers for addresses as glibc's stub resolver does: over UDP, one server after the other, until one
// answers or the number of attempts is reached (resolv.conf(5)). Begin at Resolver. It stores no answer, and does not remember
// which server was silent. It knows no lab and no topology.
package stub

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Answer is what a name has: at least one address, and how long they may be kept.
type Answer struct {
	Addrs []netip.Addr
	TTL   time.Duration // the least of the records', 0 to 2^32-1 s
}

// ErrNoAddress says that a server has answered, and that the name is not there or has no address. Nobody else is asked.
var ErrNoAddress = errors.New("no address")

// RcodeError is a server's word that it cannot answer: SERVFAIL, REFUSED, or another response code but NXDOMAIN.
type RcodeError int

// Error names the code as dig does.
func (e RcodeError) Error() string {
	if text, ok := dns.RcodeToString[int(e)]; ok {
		return text
	}
	return fmt.Sprintf("RCODE %d", int(e))
}

// ServerFailure is what a server answers that cannot do its work.
const ServerFailure = RcodeError(dns.RcodeServerFailure)

// Resolver are the servers that are asked, and for how long.
type Resolver struct {
	Servers  []string      // host:port, in the order of asking
	Timeout  time.Duration // of a question, > 0; see Wait
	Attempts int           // how often all servers are asked, >= 1
}

// Wait is how long server i, counted from 0, has for an answer. glibc gives the first its timeout, and each further one twice
// the time of the one before, of which it takes the part that falls to one of so many servers, in whole seconds: with two, the
// timeout each; with three and 5 s, 5 s, 3 s and 6 s. Timeouts that glibc has no word for are not rounded.
func (r Resolver) Wait(i int) time.Duration {
	if i == 0 {
		return r.Timeout
	}
	wait := r.Timeout << i / time.Duration(len(r.Servers))
	if r.Timeout%time.Second == 0 {
		wait = max(wait.Truncate(time.Second), time.Second)
	}
	return wait
}

// Resolve asks until a server knows, beginning with the server whose index is first, and with the one at the front again after
// the last. One that does not answer in time, cannot be reached, or cannot answer itself is left for the next. The error is
// that of the last question.
func (r Resolver) Resolve(ctx context.Context, host string, first int) (Answer, error) {
	last := errors.New("no DNS server to ask")
	for range r.Attempts {
		for k := range r.Servers {
			i := (first + k) % len(r.Servers)
			answer, err := Ask(ctx, r.Servers[i], host, r.Wait(i))
			if err == nil || errors.Is(err, ErrNoAddress) || ctx.Err() != nil {
				return answer, err
			}
			last = err
		}
	}
	return Answer{}, last
}

// Ask puts one question to one server, host:port: which IPv4 addresses does the host have. No answer in time is an error
// whose Timeout() is true; a server whose host refuses the port is one that wraps ECONNREFUSED.
func Ask(ctx context.Context, server, host string, timeout time.Duration) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	question := new(dns.Msg).SetQuestion(dns.Fqdn(host), dns.TypeA)
	client := dns.Client{Net: "udp", Timeout: timeout}
	reply, _, err := client.ExchangeContext(ctx, question, server)
	if err != nil {
		return Answer{}, fmt.Errorf("DNS server %s: %w", server, err)
	}
	answer, err := read(question, reply)
	if err != nil {
		return Answer{}, fmt.Errorf("DNS server %s: %s: %w", server, host, err)
	}
	return answer, nil
}

// read takes the addresses out of a reply to the question.
func read(question, reply *dns.Msg) (Answer, error) {
	asked := question.Question[0]
	switch {
	case !reply.Response || len(reply.Question) != 1 || !same(reply.Question[0], asked):
		return Answer{}, errors.New("a reply to another question")
	case reply.Rcode == dns.RcodeNameError:
		return Answer{}, fmt.Errorf("%w: NXDOMAIN", ErrNoAddress)
	case reply.Rcode != dns.RcodeSuccess:
		return Answer{}, RcodeError(reply.Rcode)
	}
	var a Answer
	for _, record := range reply.Answer {
		rr, ok := record.(*dns.A)
		if !ok || !strings.EqualFold(rr.Hdr.Name, asked.Name) {
			continue
		}
		addr, ok := netip.AddrFromSlice(rr.A)
		if addr = addr.Unmap(); !ok || !addr.Is4() {
			continue
		}
		if ttl := time.Duration(rr.Hdr.Ttl) * time.Second; len(a.Addrs) == 0 || ttl < a.TTL {
			a.TTL = ttl
		}
		a.Addrs = append(a.Addrs, addr)
	}
	if len(a.Addrs) == 0 {
		return Answer{}, ErrNoAddress
	}
	return a, nil
}

func same(a, b dns.Question) bool {
	return a.Qtype == b.Qtype && a.Qclass == b.Qclass && strings.EqualFold(a.Name, b.Name)
}
