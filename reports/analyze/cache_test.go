package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
)

var _ = Describe("Caches", func() {
	It("have hit ratios before and after the fault, and a surge at the origin", func() {
		kept := func(i int, at time.Duration) reply {
			r := reply{latency: msec, bytes: 1000}
			switch {
			case at < 0 && i%4 != 0: // three in four
				r.flags = load.CacheHit
			case at >= 0 && i%4 == 1:
				r.flags = load.PeerHit
			}
			return r
		}
		of := synthetic(kept)
		Expect(analyze.TrialOf(of).Cache).To(BeNil())
		of.Header.Plan.Scenario.Load.Objects = &scenarios.Objects{Count: 10, Cacheable: 1}
		c := analyze.TrialOf(of).Cache
		Expect(c.Before.HitRatio).To(BeNumerically("~", 0.75, 0.002))
		Expect(c.Before.PeerHitRatio).To(BeZero())
		Expect(c.Before.Origin).To(BeNumerically("~", 250.0*rate, 5.0*rate))
		Expect(c.During.HitRatio).To(BeNumerically("~", 0, 0.002))
		Expect(c.During.PeerHitRatio).To(BeNumerically("~", 0.25, 0.002))
		Expect(c.During.OriginPeak).To(BeNumerically("~", 750.0*rate, 5.0*rate))
		Expect(*c.Surge).To(BeNumerically("~", 3, 0.05))
	})

	It("have no surge if the origin's load does not grow, even if it is uneven", func() {
		of := synthetic(func(i int, _ time.Duration) reply {
			r := reply{latency: msec, bytes: 1000}
			if i/rate%2 == 0 { // odd and even seconds differ
				r.flags = load.CacheHit
			}
			return r
		})
		of.Header.Plan.Scenario.Load.Objects = &scenarios.Objects{Count: 10, Cacheable: 1}
		c := analyze.TrialOf(of).Cache
		Expect(c.Before.OriginPeak).To(BeNumerically(">", 1.4*c.Before.Origin))
		Expect(c.Surge).To(about(1, 0.02))
	})
})
