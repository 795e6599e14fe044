package load

import (
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a surge", func() {
	spec := Spec{Rate: 100, Duration: 10 * time.Second, Users: 7, Seed: 7, Origins: []string{"a"},
		Surges: []Surge{{From: 4 * time.Second, To: 6 * time.Second, Factor: 3}}}
	counted := func(s schedule, from, to time.Duration) (n int) {
		for i := range s.count {
			if due := s.at(i).due; due >= from && due < to {
				n++
			}
		}
		return n
	}

	It("multiplies the rate while it lasts, and leaves the rest alone", func() {
		s := newSchedule(spec)
		Expect(s.count).To(Equal(1400))
		Expect(counted(s, 0, 4*time.Second)).To(Equal(400))
		Expect(counted(s, 4*time.Second, 6*time.Second)).To(Equal(600))
		Expect(counted(s, 6*time.Second, 10*time.Second)).To(Equal(400))
		Expect(s.at(399).due).To(Equal(3990 * time.Millisecond))
		Expect(s.at(403).due).To(Equal(4010 * time.Millisecond))
		Expect(s.at(1399).due).To(Equal(9990 * time.Millisecond))
	})

	It("keeps the order and the even spacing where the rate changes within an interval", func() {
		odd := spec
		odd.Surges = []Surge{{From: 4003 * time.Millisecond, To: 6001 * time.Millisecond, Factor: 2.5}, {From: 5 * time.Second, To: 7 * time.Second, Factor: 2}}
		s := newSchedule(odd)
		for i := 1; i < s.count; i++ {
			gap := s.at(i).due - s.at(i-1).due
			Expect(gap).To(And(BeNumerically(">=", 2*time.Millisecond-1), BeNumerically("<=", 10*time.Millisecond+1)), "%d", i)
		}
		Expect(counted(s, 5100*time.Millisecond, 6*time.Second)).To(BeNumerically("~", 450, 1), "both at once")
		Expect(s.at(s.count - 1).due).To(BeNumerically("<", odd.Duration))
	})

	It("does not change which user requests which object", func() {
		plain := spec
		plain.Surges = nil
		with, without := newSchedule(spec), newSchedule(plain)
		for i := range without.count {
			a, b := with.at(i), without.at(i)
			a.due, b.due = 0, 0
			Expect(a).To(Equal(b))
		}
	})

	DescribeTable("is refused", func(s Surge) {
		bad := spec
		bad.Surges = []Surge{s}
		Expect(bad.Validate()).To(MatchError(ContainSubstring("surge")))
	},
		Entry("without a factor", Surge{To: time.Second}),
		Entry("with an end before its start", Surge{From: 2, To: 1, Factor: 2}),
		Entry("with a factor above 1000", Surge{To: 1, Factor: 1e6}),
	)

	It("counts the requests that were sent", func() {
		var sent atomic.Int64
		g := &generator{spec: Spec{Sent: &sent}}
		g.countSent()
		g.countSent()
		Expect(sent.Load()).To(BeEquivalentTo(2))
		g.spec.Sent = nil
		g.countSent()
	})
})
