package policy_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

func pool(a policy.Algorithm, n int) *policy.Pool {
	GinkgoHelper()
	p, err := policy.NewPool(a, n)
	Expect(err).NotTo(HaveOccurred())
	return p
}

func client(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}) }

func take(p *policy.Pool, c netip.Addr, avoid ...int) int {
	GinkgoHelper()
	i, ok := p.Take(c, avoid)
	Expect(ok).To(BeTrue())
	return i
}

var _ = Describe("a pool of servers", func() {
	It("is round robin over the servers that are up", func() {
		p := pool(policy.RoundRobin, 3)
		p.Set(1, false)
		var got []int
		for range 4 {
			got = append(got, take(p, client(0)))
		}
		Expect(got).To(Equal([]int{0, 2, 0, 2}))
	})

	It("uses a backup only while every other server is down, and the first one then", func() {
		p := pool(policy.RoundRobin, 4)
		p.Backup(2)
		p.Backup(3)
		Expect([]int{take(p, client(0)), take(p, client(0)), take(p, client(0))}).To(Equal([]int{0, 1, 0}))
		p.Set(0, false)
		Expect(p.Another([]int{1})).To(BeFalse(), "a server that refused is not down yet")
		p.Set(1, false)
		Expect([]int{take(p, client(0)), take(p, client(0))}).To(Equal([]int{2, 2}))
		p.Set(2, false)
		Expect(take(p, client(0))).To(Equal(3))
		p.Set(1, true)
		Expect(take(p, client(0))).To(Equal(1))
	})

	It("gives the source the same server while the same servers are up, and spreads many sources", func() {
		p := pool(policy.Source, 3)
		share := make([]int, 3)
		for i := range 3000 {
			first := take(p, client(i))
			share[first]++
			Expect(take(p, client(i))).To(Equal(first))
			Expect(take(p, netip.AddrFrom16(client(i).As16()))).To(Equal(first), "the same address in its IPv6 form")
		}
		Expect(slices.Min(share)).To(BeNumerically(">", 800))
	})

	DescribeTable("chooses as the rules say through 20,000 random changes",
		func(a policy.Algorithm) {
			rng := rand.New(rand.NewPCG(1, 2))
			const n = 5
			p := pool(a, n)
			var open []int
			for range 20000 {
				switch rng.IntN(4) {
				case 0:
					p.Set(rng.IntN(n), rng.IntN(2) == 0)
				case 1:
					if len(open) > 0 {
						k := rng.IntN(len(open))
						p.Release(open[k])
						open = slices.Delete(open, k, k+1)
					}
				default:
					if i, ok := chosen(p, rng, n); ok {
						open = append(open, i)
					}
				}
			}
			for i := range n {
				held := 0
				for _, o := range open {
					if o == i {
						held++
					}
				}
				Expect(p.Conns(i)).To(Equal(held))
			}
		},
		Entry("in turn", policy.RoundRobin),
		Entry("fewest connections", policy.LeastConn),
		Entry("by source", policy.Source),
	)

	DescribeTable("uses another server on a retry, and the same one only if there is no other",
		func(a policy.Algorithm) {
			p := pool(a, 2)
			first := take(p, client(1))
			second := take(p, client(1), first)
			Expect(second).NotTo(Equal(first))
			p.Set(second, false)
			Expect(take(p, client(1), first)).To(Equal(first))
			p.Set(first, false)
			_, ok := p.Take(client(1), nil)
			Expect(ok).To(BeFalse())
		},
		Entry("in turn", policy.RoundRobin),
		Entry("fewest connections", policy.LeastConn),
	)

	It("uses the same server on a retry with source hashing, until it is down", func() {
		p := pool(policy.Source, 2)
		first := take(p, client(1))
		Expect(take(p, client(1), first)).To(Equal(first))
		p.Set(first, false)
		Expect(take(p, client(1), first)).NotTo(Equal(first))

		nginx := pool(policy.Source, 2)
		nginx.Spill()
		Expect(take(nginx, client(1), first)).NotTo(Equal(first), "nginx tries no server twice")
	})

	It("refuses an invalid configuration", func() {
		_, err := policy.NewPool("random", 1)
		Expect(err).To(MatchError(ContainSubstring("leastconn")))
		_, err = policy.NewPool(policy.Source, 0)
		Expect(err).To(HaveOccurred())
	})
})

// chosen takes a server and checks the choice against what was to choose from.
func chosen(p *policy.Pool, rng *rand.Rand, n int) (int, bool) {
	GinkgoHelper()
	avoid := []int{rng.IntN(n)}
	var others, up []int
	fewest := 1 << 30
	for i := range n {
		if !p.Up(i) {
			continue
		}
		up = append(up, i)
		if i != avoid[0] {
			others = append(others, i)
			fewest = min(fewest, p.Conns(i))
		}
	}
	before := make([]int, n)
	for i := range n {
		before[i] = p.Conns(i)
	}
	i, ok := p.Take(client(rng.IntN(100)), avoid)
	Expect(ok).To(Equal(len(up) > 0))
	if !ok {
		return 0, false
	}
	if len(others) > 0 && p.Algorithm() != policy.Source { // which is a hash over all that are up
		Expect(others).To(ContainElement(i))
	} else {
		Expect(up).To(ContainElement(i))
	}
	if p.Algorithm() == policy.LeastConn && len(others) > 0 {
		Expect(before[i]).To(Equal(fewest))
	}
	return i, true
}

var _ = It("retries go to nginx's backups, in turn, and to none of HAProxy's", func() {
	pool := func() *policy.Pool {
		p, err := policy.NewPool(policy.RoundRobin, 3)
		Expect(err).NotTo(HaveOccurred())
		p.Backup(1)
		p.Backup(2)
		return p
	}
	tried := []int{0}
	Expect(pool().Another(tried)).To(BeFalse(), "HAProxy's are for when no other is up")
	p := pool()
	p.Spill()
	Expect(p.Active()).To(Equal(1))
	Expect(p.Another(tried)).To(BeTrue())
	first, _ := p.Take(netip.Addr{}, tried)
	second, _ := p.Take(netip.Addr{}, tried)
	Expect([]int{first, second}).To(ConsistOf(1, 2))
	i, _ := p.Take(netip.Addr{}, nil)
	Expect(i).To(Equal(0))
	p.Set(0, false)
	Expect(p.Active()).To(BeZero())
	i, ok := p.Take(netip.Addr{}, nil)
	Expect([]any{i > 0, ok}).To(Equal([]any{true, true}))
})

var _ = Describe("retries", func() {
	// HAProxy 2.6.12 with retries 3 and timeout connect 1.5 s, one of two servers dead, no checks.
	const connect = 1500 * time.Millisecond

	DescribeTable("take as long as was measured with HAProxy",
		func(redispatch, timedOut bool, want time.Duration, answered bool) {
			r := policy.Retry{Retries: 3, Redispatch: redispatch, InTurn: true, ConnectTimeout: connect}
			attempt := time.Duration(0)
			if timedOut {
				attempt = connect
			}
			took := time.Duration(0)
			again, other := true, false
			for n := 1; again && !other; n++ {
				var wait time.Duration
				took += attempt
				again, other, wait = r.After(n, timedOut, true, 2, false)
				took += wait
			}
			Expect(took).To(Equal(want))
			Expect(other).To(Equal(answered))
		},
		Entry("refused: an error after 3 s", false, false, 3*time.Second, false),
		Entry("silent: an error after 6 s", false, true, 6*time.Second, false),
		Entry("refused with redispatch: the other server at once", true, false, time.Duration(0), true),
		Entry("silent with redispatch: the other server after one timeout", true, true, connect, true),
	)

	DescribeTable("go to another server at the retries that HAProxy 2.6 has for it (back_handle_st_cer)",
		func(r policy.Retry, active int, down bool, want ...bool) {
			r.Retries, r.ConnectTimeout = 3, connect
			var got []bool
			for n := 1; n <= 4; n++ {
				_, other, _ := r.After(n, false, true, active, down)
				got = append(got, other)
			}
			Expect(got).To(Equal(append(want, false)), "and none after the last")
		},
		Entry("never without the option", policy.Retry{InTurn: true}, 2, true, false, false, false),
		Entry("bare, in turn: each", policy.Retry{Redispatch: true, InTurn: true}, 2, false, true, true, true),
		Entry("bare, in turn, but alone beside its backups: the last", policy.Retry{Redispatch: true, InTurn: true}, 1, false, false, false, true),
		Entry("bare, by a hash or by connections: the last", policy.Retry{Redispatch: true}, 2, false, false, false, true),
		Entry("bare, when the server has left: each", policy.Retry{Redispatch: true}, 1, true, true, true, true),
		Entry("every retry", policy.Retry{Redispatch: true, Every: 1}, 2, false, true, true, true),
		Entry("every second", policy.Retry{Redispatch: true, Every: 2}, 2, false, false, true, false),
	)

	It("use the same server if no other is up, and wait at most the connect timeout", func() {
		r := policy.Retry{Retries: 1, Redispatch: true, ConnectTimeout: 200 * time.Millisecond}
		again, other, wait := r.After(1, false, false, 1, false)
		Expect([]any{again, other, wait}).To(Equal([]any{true, false, 200 * time.Millisecond}))
		again, _, _ = r.After(2, false, false, 1, false)
		Expect(again).To(BeFalse())
	})
})
