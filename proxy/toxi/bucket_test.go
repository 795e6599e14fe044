package toxi

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a bucket", func() {
	const mbit = 1_000_000
	const segment = minTurn * 8 * time.Microsecond // at 1 Mbit/s
	start := time.Unix(1000, 0)
	line := func(rate int64) *bucket {
		b := new(bucket)
		b.set(rate, start)
		return b
	}

	DescribeTable("wakes a waiter when it is due, and not much later",
		func(goesOn bool, parts, coarsest time.Duration) {
			b := line(mbit)
			for range 200 {
				wait, passed := b.take(1460, goesOn, start, start)
				due := passed.Sub(start)
				switch {
				case due <= ahead:
					Expect(wait).To(BeZero())
				default:
					Expect(wait).To(BeNumerically(">=", due))
					Expect(wait - due).To(BeNumerically("<=", max(tick, due/parts)))
					Expect(wait - due).To(BeNumerically("<=", coarsest))
				}
			}
			_, passed := b.take(0, goesOn, start, start)
			Expect(passed.Sub(start)).To(BeNumerically("~", 200*1460*8*time.Microsecond, time.Microsecond), "a place is as long as its bytes")
		},
		Entry("where it has just come", false, time.Duration(patience), maxTick),
		Entry("where it goes on sending", true, time.Duration(bulk), bulkTick),
	)

	It("wakes long waiters together", func() {
		b := line(20 * mbit)
		instants := map[time.Duration]bool{}
		for range 10 {
			wait, _ := b.take(32<<10, false, start, start)
			instants[wait] = true
		}
		Expect(len(instants)).To(BeNumerically("<", 8))
	})

	DescribeTable("gives turns by the number of waiters",
		func(goesOn bool, others int, since, want time.Duration) {
			b := line(mbit)
			for range others + 1 {
				b.take(mbit/8/100, goesOn, start, start) // 10 ms each
			}
			b.leave()
			Expect(time.Duration(b.quantum(goesOn, since)) * 8 * time.Microsecond).To(BeNumerically("~", want, time.Millisecond))
		},
		Entry("a first turn is short", false, 0, time.Second, segment),
		Entry("alone, it goes on at length", true, 0, longTurn, longTurn),
		Entry("beside a few, all within a round", true, 4, round, round/5),
		Entry("more if it comes later than they do", true, 4, round+round/5, 46*time.Millisecond),
		Entry("less if sooner", true, 4, round-round/5, 34*time.Millisecond),
		Entry("in a crowd", true, 99, 100*segment, segment),
	)

	It("takes at most one round's bytes at once on a fast link", func() {
		b := line(100 * mbit)
		Expect(b.quantum(false, time.Second)).To(Equal(maxTurn))
		Expect(b.quantum(true, time.Second)).To(Equal(maxLongTurn))
		for range 99 {
			b.take(maxTurn, true, start, start)
		}
		crowded := time.Duration(100*maxTurn*8) * 10 // at 10 ns a bit
		Expect(b.quantum(true, crowded)).To(BeNumerically("~", maxTurn, 1))
	})

	It("does not delay a link without a limit", func() {
		wait, _ := line(0).take(1<<20, false, start, start)
		Expect(wait).To(BeZero())
	})
})
