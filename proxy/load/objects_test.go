package load

import (
	"math"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the catalogue", func() {
	spec := func(o *Objects) Spec {
		return Spec{Rate: 100_000, Duration: 2 * time.Second, Users: 70, Seed: 7, Origins: []string{"a"}, TLSShare: 0.3, NewShare: 0.1, Objects: o}
	}

	DescribeTable("is requested by Zipf's law", func(count int, s, cacheable float64) {
		schedule := newSchedule(spec(&Objects{Count: count, Zipf: s, Cacheable: cacheable, Catalogue: "x"}))
		seen := make([]float64, count+1)
		for i := range schedule.count {
			seen[schedule.at(i).rank]++
		}
		all := float64(schedule.count)
		Expect(1 - seen[0]/all).To(BeNumerically("~", cacheable, 0.01))
		weights := 0.0
		for k := 1; k <= count; k++ {
			weights += math.Pow(float64(k), -s)
		}
		// Pearson's statistic over ranks with enough expected, the rest in one class: its mean is the number of classes less
		// one, its deviation the root of twice that.
		drawn, chi, classes, restSeen, restDue := all-seen[0], 0.0, 0, 0.0, 0.0
		for k := 1; k <= count; k++ {
			due := drawn * math.Pow(float64(k), -s) / weights
			if due < 20 {
				restSeen, restDue = restSeen+seen[k], restDue+due
				continue
			}
			chi += (seen[k] - due) * (seen[k] - due) / due
			classes++
		}
		if restDue > 0 {
			chi += (restSeen - restDue) * (restSeen - restDue) / restDue
			classes++
		}
		degrees := float64(classes - 1)
		Expect(chi).To(BeNumerically("~", degrees, 4*math.Sqrt(2*degrees)+1e-9))
	},
		Entry("as at web proxies", 2000, 0.8, 1.0), Entry("a share of the requests", 500, 0.9, 0.6),
		Entry("all alike", 100, 0.0, 0.5), Entry("steeper than 1", 3000, 1.3, 1.0), Entry("one object", 1, 0.9, 0.8),
	)

	It("does not change the rest of the schedule", func() {
		plain, drawn := newSchedule(spec(nil)), newSchedule(spec(&Objects{Count: 10, Zipf: 1, Cacheable: 1, Catalogue: "x"}))
		for i := range 1000 {
			with := drawn.at(i)
			Expect(with.rank).To(BeNumerically(">", 0))
			with.rank = 0
			Expect(with).To(Equal(plain.at(i)))
		}
	})

	It("gives ranks from 1 to its size only", func() {
		p := newPopularity(&Objects{Count: 3, Zipf: 0.9, Cacheable: 1})
		Expect(p.draw(0, 0)).To(Equal(1))
		Expect(p.draw(0, math.Nextafter(1, 0))).To(Equal(3))
		Expect(p.draw(1, 0)).To(BeZero())
	})

	It("gives all users the same paths, and a request without a rank its own path", func() {
		s := spec(&Objects{Count: 3, Zipf: 0.9, Cacheable: 0.5, Catalogue: "day1"})
		s.BodyBytes, s.HTTPPort = 10, 8080
		one, other := newRequestText(&s), newRequestText(&s)
		shared, own := request{rank: 2, index: 5}, request{index: 5}
		Expect(string(one.appendObject(nil, shared))).To(Equal("/c/10/day1-2"))
		Expect(string(other.appendObject(nil, shared))).To(Equal("/c/10/day1-2"))
		Expect(one.appendObject(nil, own)).NotTo(Equal(other.appendObject(nil, own)))
		Expect(string(one.appendRequest(nil, shared, hopTo("127.0.0.1:1")))).To(HavePrefix("GET http://a:8080/c/10/day1-2 HTTP/1.1\r\n"))
	})
})
