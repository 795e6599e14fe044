package policy_test

import (
	"math/rand/v2"
	"net/netip"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// segment is a network of routers in virtual time; adverts arrive after delay.
type segment struct {
	routers []*policy.Router
	cfgs    []policy.RouterConfig
	alive   []bool
	now     int64
	delay   time.Duration
	flight  []inFlight
}

type inFlight struct {
	at   int64
	from int
	out  policy.RouterOutput
}

func newSegment(rng *rand.Rand, n int, preempt bool) *segment {
	s := &segment{delay: time.Duration(rng.Int64N(int64(2 * time.Millisecond)))}
	priorities := rng.Perm(254)
	for i := range n {
		cfg := routerConfig(func(c *policy.RouterConfig) {
			c.Priority, c.Preempt = 1+priorities[i], preempt
			c.Address = netip.AddrFrom4([4]byte{10, 0, 0, byte(10 + i)})
		})
		r, err := policy.NewRouter(cfg)
		Expect(err).NotTo(HaveOccurred())
		s.routers, s.cfgs, s.alive = append(s.routers, r), append(s.cfgs, cfg), append(s.alive, true)
		s.send(i, r.Startup(0))
	}
	return s
}

func (s *segment) send(from int, out policy.RouterOutput) {
	if out.Send {
		s.flight = append(s.flight, inFlight{s.now + int64(s.delay), from, out})
	}
}

// advance runs the segment up to the instant until.
func (s *segment) advance(until int64) {
	for {
		at, act := until, func() {}
		for i, f := range s.flight {
			if f.at <= at {
				at, act = f.at, func() { s.deliver(i) }
			}
		}
		for i, r := range s.routers {
			if d, ok := r.Deadline(); ok && s.alive[i] && d < at {
				at, act = d, func() { s.send(i, r.Tick(s.now)) }
			}
		}
		s.now = at
		if at >= until {
			return
		}
		act()
	}
}

func (s *segment) deliver(k int) {
	f := s.flight[k]
	s.flight = append(s.flight[:k:k], s.flight[k+1:]...)
	for i, r := range s.routers {
		if i != f.from && s.alive[i] {
			s.send(i, r.Advert(s.now, f.out.Priority, s.cfgs[f.from].Advert, s.cfgs[f.from].Address))
		}
	}
}

func (s *segment) masters() (list []int) {
	for i, r := range s.routers {
		if s.alive[i] && r.State() == policy.Master {
			list = append(list, i)
		}
	}
	return list
}

// best gives the index of the running router with the highest priority.
func (s *segment) best() int {
	best := -1
	for i := range s.routers {
		if s.alive[i] && (best < 0 || s.cfgs[i].Priority > s.cfgs[best].Priority) {
			best = i
		}
	}
	return best
}

var _ = Describe("an election", func() {
	const settled = int64(10 * time.Second)

	DescribeTable("elects one master, and replaces a master that dies silently within the predicted interval",
		func(preempt bool) {
			for seed := range uint64(300) {
				rng := rand.New(rand.NewPCG(seed, 1))
				s := newSegment(rng, 2+rng.IntN(4), preempt)
				s.advance(settled)
				first := s.best()
				Expect(s.masters()).To(Equal([]int{first}), "seed %d", seed)

				died := settled + rng.Int64N(int64(time.Second))
				s.advance(died)
				s.alive[first] = false
				heir := s.best()
				predicted := s.cfgs[heir].Silence()
				s.advance(died + int64(predicted.Lo) - 1)
				Expect(s.masters()).To(BeEmpty(), "seed %d: too early", seed)
				s.advance(died + int64(predicted.Hi+2*s.delay) + 1)
				Expect(s.masters()).To(Equal([]int{heir}), "seed %d: too late", seed)
			}
		},
		Entry("with preemption", true),
		Entry("without", false),
	)

	DescribeTable("after the repair",
		func(preempt bool) {
			s := newSegment(rand.New(rand.NewPCG(7, 7)), 3, preempt)
			s.advance(settled)
			first := s.best()
			s.send(first, s.routers[first].Shutdown())
			s.advance(2 * settled)
			heir := s.masters()
			Expect(heir).To(HaveLen(1))
			Expect(heir[0]).NotTo(Equal(first))
			s.send(first, s.routers[first].Startup(s.now))
			s.advance(3 * settled)
			if preempt {
				heir = []int{first}
			}
			Expect(s.masters()).To(Equal(heir))
		},
		Entry("the best takes the address back with preemption", true),
		Entry("the heir keeps it without", false),
	)

	It("has one master after the first advert that follows a partition with two masters", func() {
		s := newSegment(rand.New(rand.NewPCG(3, 3)), 2, true)
		s.alive[1] = false
		s.advance(settled)
		s.alive[0], s.alive[1] = false, true
		s.advance(2 * settled)
		s.alive[0] = true
		s.advance(2*settled + int64(time.Second+2*s.delay) + 1)
		Expect(s.masters()).To(Equal([]int{s.best()}))
	})
})
