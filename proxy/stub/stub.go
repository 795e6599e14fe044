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

// Answer is the answer for a name: at least one address, and the time for which they may be kept.
type Answer struct {
	Addrs []netip.Addr
	TTL   time.Duration // the smallest TTL of the records, 0 to 2^32-1 s
}

// ErrNoAddress: a server answered that the name does not exist or has no address. No other server is asked.
var ErrNoAddress = errors.New("no address")

// RcodeError is the response code of a server that cannot answer: SERVFAIL, REFUSED, or another code except NXDOMAIN.
type RcodeError int

// Error gives the code's name as dig prints it.
func (e RcodeError) Error() string {
	if text, ok := dns.RcodeToString[int(e)]; ok {
		return text
	}
	return fmt.Sprintf("RCODE %d", int(e))
}

// ServerFailure is SERVFAIL.
const ServerFailure = RcodeError(dns.RcodeServerFailure)

// Resolver is the configuration of a stub resolver.
type Resolver struct {
	Servers  []string      // host:port, in the order of asking
	Timeout  time.Duration // of a query, > 0; see Wait
	Attempts int           // rounds over all servers, >= 1
}

// Wait is the timeout of server i, counted from 0. For server 0 it is Timeout. For server i > 0, glibc doubles the timeout i
// times, divides it by the number of servers, and rounds it down to whole seconds, at least 1 s. Examples with 5 s: two servers
// have 5 s each; three servers have 5 s, 3 s and 6 s. If Timeout is not a whole number of seconds, which glibc cannot express,
// Wait does not round.
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

// Resolve asks the servers in order until one gives an answer. It begins with the server of index first, and continues at the
// front after the last server. It skips a server that does not answer in time, cannot be reached, or answers with an
// RcodeError. If no server answers, the error is that of the last query.
func (r Resolver) Resolve(ctx context.Context, host string, first int) (Answer, error) {
	last := errors.New("no DNS server is configured")
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

// Ask asks one server, host:port, for the IPv4 addresses of a host. If there is no answer in time, the error's Timeout() is
// true. If the server's host refuses the port, the error wraps ECONNREFUSED.
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

// read reads the addresses in a reply to the question.
func read(question, reply *dns.Msg) (Answer, error) {
	asked := question.Question[0]
	switch {
	case !reply.Response || len(reply.Question) != 1 || !same(reply.Question[0], asked):
		return Answer{}, errors.New("the reply is for another question")
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
