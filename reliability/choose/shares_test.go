package choose_test

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/choose"
)

// sites is a market whose worth is divided: each site has any loss, any capacity and any share of a common failure for each set of its
// options. Options may hurt, belong to several sites, and require or exclude those of others.
type sites struct {
	*market
	on                     []choose.Set
	losses, carries, falls []map[choose.Set]float64
}

func randomSites(rng *rand.Rand, n int) *sites {
	s := &sites{market: randomMarket(rng, n, 0, rng.IntN(2) == 0)}
	for range 1 + rng.IntN(3) {
		s.on = append(s.on, choose.Set(rng.Uint64()&rng.Uint64())&(1<<n-1))
		losses, carries, falls := map[choose.Set]float64{}, map[choose.Set]float64{}, map[choose.Set]float64{}
		for set := range choose.Set(1) << n {
			losses[set], carries[set], falls[set] = 1+float64(rng.IntN(50)), float64(60+rng.IntN(40)), float64(rng.IntN(30))
		}
		s.losses, s.carries, s.falls = append(s.losses, losses), append(s.carries, carries), append(s.falls, falls)
	}
	return s
}

// closed is the set of options that a site depends on, with what they require.
func (s *sites) closed(site int) choose.Set {
	on := s.on[site]
	for range s.options {
		for i, o := range s.options {
			for j, other := range s.options {
				for _, name := range o.Requires {
					if on.Has(i) && other.Name == name {
						on |= 1 << j
					}
				}
			}
		}
	}
	return on
}

func (s *sites) worth(_ context.Context, set choose.Set) (choose.Worth, error) {
	w, fall := choose.Worth{Capacity: math.Inf(1)}, 0.0
	for i := range s.on {
		own := set & s.closed(i)
		w.Loss += s.losses[i][own]
		w.Capacity = min(w.Capacity, s.carries[i][own])
		fall += s.falls[i][own]
	}
	w.Capacity = min(w.Capacity, 100-fall)
	return w, nil
}

func (s *sites) shares() (all []choose.Share) {
	for i := range s.on {
		all = append(all, choose.Share{On: s.on[i], Floor: 1, Worth: func(ctx context.Context, set choose.Set) (choose.Worth, []float64, error) {
			return choose.Worth{Loss: s.losses[i][set], Capacity: s.carries[i][set]}, []float64{s.falls[i][set]}, ctx.Err()
		}})
	}
	return all
}

// designs are all valid designs.
func (s *sites) designs() []choose.Design {
	list := s.market.designs(1)
	for i := range list {
		list[i].Worth, _ = s.worth(context.Background(), list[i].Set)
	}
	return list
}

var _ = Describe("a divided search", func() {
	each := func(n int, f func(rng *rand.Rand, s *sites, c *choose.Choices, all []choose.Design)) {
		rng, tried := rand.New(rand.NewPCG(11, 12)), 0
		for range 2 * n {
			s := randomSites(rng, 1+rng.IntN(9))
			if c := s.choices(1, s.worth); c != nil {
				c.Divide(s.shares())
				f(rng, s, c, s.designs())
				tried++
			}
		}
		Expect(tried).To(BeNumerically(">=", n))
	}
	ctx := context.Background()

	It("finds the best, the cheapest and the front as an enumeration does, also where options hurt", func() {
		each(400, func(rng *rand.Rand, s *sites, c *choose.Choices, all []choose.Design) {
			budget := float64(rng.IntN(40))
			got, err := c.Best(ctx, budget)
			want, _ := first(all, func(d choose.Design) bool { return d.Cost <= budget }, byLoss)
			if err != nil {
				Expect(err).To(haveCode("buys-nothing"))
				return
			}
			alike(got.Design, want)
			Expect(got.Proven).To(BeTrue())
			Expect(got.Bound).To(Equal(got.Loss))
			Expect(s.valid(got.Set)).To(BeTrue())

			like := all[rng.IntN(len(all))]
			got, err = c.Cheapest(ctx, choose.Target{Loss: like.Loss, Capacity: max(0, like.Capacity)})
			Expect(err).NotTo(HaveOccurred())
			want, _ = first(all, func(d choose.Design) bool { return d.Loss <= like.Loss && d.Capacity >= max(0, like.Capacity) }, byCost)
			alike(got.Design, want)

			front, err := c.Front(ctx, math.Inf(1))
			Expect(err).NotTo(HaveOccurred())
			Expect(front.Proven).To(BeTrue())
			unbeaten := choose.Unbeaten(all)
			Expect(front.Designs).To(HaveLen(len(unbeaten)))
			for i, d := range front.Designs {
				alike(d, unbeaten[i])
			}
		})
	})

	It("whose context ends says the best that it found, and a bound of what it missed", func() {
		unproven := 0
		each(300, func(rng *rand.Rand, s *sites, _ *choose.Choices, all []choose.Design) {
			short, stop := context.WithCancel(ctx)
			defer stop()
			left := 1 + rng.IntN(60)
			c := s.choices(1, s.worth)
			shares := s.shares()
			for i := range shares {
				of := shares[i].Worth
				shares[i].Worth = func(ctx context.Context, set choose.Set) (choose.Worth, []float64, error) {
					if left--; left == 0 {
						stop()
					}
					return of(ctx, set)
				}
			}
			c.Divide(shares)
			got, err := c.Best(short, 20)
			if err != nil {
				Expect(err).To(haveCode("buys-nothing"))
				return
			}
			want, _ := first(all, func(d choose.Design) bool { return d.Cost <= 20 }, byLoss)
			Expect(got.Loss).To(BeNumerically(">=", want.Loss-1e-9))
			Expect(got.Bound).To(BeNumerically("<=", want.Loss+1e-9))
			if got.Proven {
				Expect(cmp.Compare(got.Loss, want.Loss)).To(BeZero())
			} else {
				unproven++
			}
		})
		Expect(unproven).To(BeNumerically(">", 50))
	})
})
