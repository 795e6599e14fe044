package stub

import (
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/seed-ab8b6914/spof/fuzzcost"
)

// FuzzRead reads any bytes as the reply to a question: what is taken out of it are IPv4 addresses, and a time to keep them.
func FuzzRead(f *testing.F) {
	question := new(dns.Msg).SetQuestion("proxy.test.", dns.TypeA)
	for _, reply := range []*dns.Msg{well(question), code(dns.RcodeServerFailure)(question), question} {
		packed, err := reply.Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		reply := new(dns.Msg)
		if reply.Unpack(data) != nil {
			return
		}
		answer, err := read(question, reply)
		if (err == nil) != (len(answer.Addrs) > 0) {
			t.Fatalf("%d addresses, and %v", len(answer.Addrs), err)
		}
		for _, addr := range answer.Addrs {
			if !addr.Is4() {
				t.Fatalf("%v is no IPv4 address", addr)
			}
		}
		if answer.TTL < 0 || answer.TTL > (1<<32)*time.Second {
			t.Fatalf("a TTL of %v", answer.TTL)
		}
	})
}
