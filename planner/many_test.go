package planner

import (
	"context"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// more are alternatives for the bundled plan office, with which it has 24.
const more = `
  north-ups:
    about: a UPS of 15 min in the north
    patch: {power: {feeds: {feed-north: {ups: 15m}}}}
  south-ups:
    about: a UPS of 15 min in the south
    patch: {power: {feeds: {feed-south: {ups: 15m}}}}
  hq-b-feed:
    requires: [hq-pair, hq-feed]
    patch: {nodes: {hq-b: {chassis: {psus: {psu-2: feed-b}}}}}
  hq-hour:
    cost: {buy: 1500}
    patch: {power: {feeds: {feed-a: {ups: 1h}}}}
  hq-third:
    requires: [hq-pair]
    patch:
      nodes:
        hq-c:
          wan: hq-fibre
          services: {squid: {engine: squid, port: 3128, connect_timeout: 2s, forward_timeout: 4s, shutdown_lifetime: 0s}}
          chassis: {psus: {psu-1: feed-a}}
      addresses: {hq-proxy: {vrrp: {members: {hq-c: 50}}}}
  hq-disk:
    patch: {nodes: {hq-a: {services: {squid: {cache: {memory: 64MiB, disk: 512MiB, store: ufs}}}}}}
  north-feed:
    patch: {nodes: {north-a: {chassis: {psus: {psu-2: feed-north-b}}}}, power: {feeds: {feed-north-b: {}}}}
  south-feed:
    patch: {nodes: {south-a: {chassis: {psus: {psu-2: feed-south-b}}}}, power: {feeds: {feed-south-b: {}}}}
  north-generator:
    patch: {power: {feeds: {feed-north: {generator: north-diesel}}, generators: {north-diesel: {start: 30s, capacity: 100%}}}}
  south-generator:
    patch: {power: {feeds: {feed-south: {generator: south-diesel}}, generators: {south-diesel: {start: 30s, capacity: 100%}}}}
  north-hour:
    requires: [north-ups]
    cost: {buy: 1500}
    patch: {power: {feeds: {feed-north: {ups: 1h}}}}
  south-hour:
    requires: [south-ups]
    cost: {buy: 1500}
    patch: {power: {feeds: {feed-south: {ups: 1h}}}}
`

// manyAlternatives is office with all of them.
func manyAlternatives() (*Plan, error) {
	data, err := bundled("office.yaml")
	if err != nil {
		return nil, err
	}
	return read("office.yaml", append(data, more...), &decoder{reports: reports(nil), open: bundled})
}

var _ = Describe("a choice among 24 alternatives", func() {
	It("is proven best within its time", func() {
		p, err := manyAlternatives()
		Expect(err).NotTo(HaveOccurred())
		Expect(p.Alternatives).To(HaveLen(24))
		p.SearchTime = time.Minute // the machine may be busy
		r := must(Solve(context.Background(), p))
		Expect(r.Choice.Proven).To(BeTrue())
		Expect(r.Choice.Bound).To(BeNil())
	})

	It("says how much better it may be if its time is over", func() {
		p, err := manyAlternatives()
		Expect(err).NotTo(HaveOccurred())
		p.SearchTime = 100 * time.Millisecond
		r := must(Solve(context.Background(), p))
		Expect(r.Choice.Proven).To(BeFalse())
		Expect(*r.Choice.Bound).To(BeNumerically("<", r.Choice.Best.Hours))
		Expect(r.Verdict).To(ContainElement(ContainSubstring("none is without service for less than")))
	})
})

// BenchmarkChoice answers a plan of the size of office with 24 alternatives. Target: 10 s.
func BenchmarkChoice(b *testing.B) {
	for b.Loop() {
		p, err := manyAlternatives()
		if err != nil {
			b.Fatal(err)
		}
		r, err := Solve(context.Background(), p)
		if err != nil || !r.Choice.Proven {
			b.Fatal(err, "not proven")
		}
	}
}
