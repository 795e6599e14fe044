package toxi

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a bucket", func() {
	const mbit = 1_000_000
	start := time.Unix(1000, 0)
	line := func(rate int64) *bucket {
		b := new(bucket)
		b.set(rate, start)
		return b
	}

	It("wakes who waits no earlier than due, and not much later", func() {
		b := line(mbit)
		for range 200 {
			wait, passed := b.take(1460, start, start)
			due := passed.Sub(start)
			switch {
			case due <= ahead:
				Expect(wait).To(BeZero())
			default:
				Expect(wait).To(BeNumerically(">=", due))
				Expect(wait - due).To(BeNumerically("<=", max(tick, due/patience)))
				Expect(wait - due).To(BeNumerically("<=", maxTick))
			}
		}
		_, passed := b.take(0, start, start)
		Expect(passed.Sub(start)).To(BeNumerically("~", 200*1460*8*time.Microsecond, time.Microsecond), "a place is as long as its bytes")
	})

	It("wakes those together who wait long", func() {
		b := line(20 * mbit)
		instants := map[time.Duration]bool{}
		for range 10 {
			wait, _ := b.take(32<<10, start, start)
			instants[wait] = true
		}
		Expect(len(instants)).To(BeNumerically("<", 8))
	})

	DescribeTable("gives turns by who else waits",
		func(goesOn bool, others int, want time.Duration) {
			b := line(mbit)
			for range others {
				b.take(mbit/8/100, start, start) // 10 ms each
			}
			n := b.quantum(1<<20, goesOn, start)
			Expect(time.Duration(n) * 8 * time.Microsecond).To(BeNumerically("~", want, 2*time.Millisecond))
		},
		Entry("a first turn is short", false, 0, turn+1680*time.Microsecond), // a segment is longer than it
		Entry("alone, it goes on at length", true, 0, longTurn),
		Entry("beside a few", true, 5, longTurn),
		Entry("beside many, all within a round", true, 15, round-15*turn),
		Entry("in a crowd", true, 100, turn+1680*time.Microsecond),
	)

	It("leaves small rests whole, and a line without a limit alone", func() {
		Expect(line(mbit).quantum(2000, false, start)).To(Equal(2000))
		Expect(line(0).quantum(1<<20, true, start)).To(Equal(1 << 20))
		wait, _ := line(0).take(1<<20, start, start)
		Expect(wait).To(BeZero())
	})
})
