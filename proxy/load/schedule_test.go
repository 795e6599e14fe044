package load

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the schedule", func() {
	spec := Spec{Rate: 1000, Duration: 10 * time.Second, Users: 70, Seed: 7, Origins: []string{"a", "b"}, TLSShare: 0.3, NewShare: 0.1}

	It("spaces requests evenly, the last one before the end", func() {
		s := newSchedule(spec)
		Expect(s.count).To(Equal(10_000))
		Expect(s.at(0).due).To(BeZero())
		Expect(s.at(1234).due).To(Equal(1234 * time.Millisecond))
	})

	DescribeTable("counts", func(rate float64, duration time.Duration, want int) {
		s := newSchedule(Spec{Rate: rate, Duration: duration, Users: 1, Origins: []string{"a"}})
		Expect(s.count).To(Equal(want))
		Expect(s.at(s.count - 1).due).To(BeNumerically("<", duration))
	},
		Entry("a whole number", 10_000.0, 3*time.Second, 30_000),
		Entry("a period that is no whole number of ns", 3.0, time.Second, 3),
		Entry("a rest of a period", 10.0, 250*time.Millisecond, 3),
		Entry("less than one period", 0.1, time.Second, 1),
	)

	It("gives every user the same share, at even distances", func() {
		s := newSchedule(spec)
		last := map[int]int{}
		for i := range s.count {
			user := s.at(i).user
			if before, seen := last[user]; seen {
				Expect(i - before).To(Equal(spec.Users))
			}
			last[user] = i
		}
		Expect(last).To(HaveLen(spec.Users))
	})

	It("draws the shares it was given, independently of each other", func() {
		s := newSchedule(spec)
		var tunnel, fresh, both, second float64
		for i := range s.count {
			r := s.at(i)
			tunnel += toFloat(r.tunnel)
			fresh += toFloat(r.fresh)
			both += toFloat(r.tunnel && r.fresh)
			second += toFloat(r.origin == 1)
		}
		n := float64(s.count)
		Expect(tunnel / n).To(BeNumerically("~", 0.3, 0.015))
		Expect(fresh / n).To(BeNumerically("~", 0.1, 0.01))
		Expect(both / n).To(BeNumerically("~", 0.03, 0.006))
		Expect(second / n).To(BeNumerically("~", 0.5, 0.02))
	})

	It("is the same for the same seed only", func() {
		one, same := newSchedule(spec), newSchedule(spec)
		other := spec
		other.Seed++
		two := newSchedule(other)
		differs := false
		for i := range one.count {
			Expect(one.at(i)).To(Equal(same.at(i)))
			differs = differs || one.at(i) != two.at(i)
		}
		Expect(differs).To(BeTrue())
	})

	It("keeps shares of 0 and 1", func() {
		s := newSchedule(Spec{Rate: 1000, Duration: time.Second, Users: 3, Origins: []string{"a"}, TLSShare: 1})
		for i := range s.count {
			Expect(s.at(i).tunnel).To(BeTrue())
			Expect(s.at(i).fresh).To(BeFalse())
		}
	})
})

func toFloat(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
