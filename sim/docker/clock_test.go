package docker

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
)

// far is an agent with a clock ahead and slow answers: three quarters of a round trip are the way back.
type far struct {
	ahead int64
	trips []time.Duration // round trips, in a cycle
	n     int
	err   error
}

func (f *far) Now(context.Context) (before, at, after int64, err error) {
	trip := int64(f.trips[f.n%len(f.trips)])
	f.n++
	before = int64(f.n) * 1e9
	return before, before + trip/4 + f.ahead, before + trip, f.err
}

var _ = Describe("the clock", func() {
	const ms = time.Millisecond
	DescribeTable("is measured by the quickest answer",
		func(ahead time.Duration, trips []time.Duration, same bool, uncertainty time.Duration) {
			c, err := measure(context.Background(), &far{ahead: int64(ahead), trips: trips})
			Expect(err).NotTo(HaveOccurred())
			Expect(c.Uncertainty()).To(Equal(uncertainty))
			if same {
				Expect(c.offset).To(BeZero())
			} else {
				Expect(time.Duration(c.offset)).To(BeNumerically("~", ahead, uncertainty))
			}
		},
		Entry("one clock, equal answers", 0*ms, []time.Duration{4 * ms}, true, 2*ms),
		Entry("one clock, one quick answer", 0*ms, []time.Duration{9 * ms, 2 * ms, 8 * ms}, true, 1*ms),
		Entry("another clock", 500*ms, []time.Duration{9 * ms, 2 * ms, 8 * ms}, false, 1*ms),
		Entry("a clock behind", -70*time.Second, []time.Duration{2 * ms}, false, 1*ms),
	)
	It("is not known if the agent does not answer", func() {
		gone := errors.New("gone")
		_, err := measure(context.Background(), &far{trips: []time.Duration{ms}, err: gone})
		Expect(reason.Codes(err)).To(Equal([]string{"no-clock"}))
		Expect(err).To(MatchError(gone))
	})
	It("waits by the agents' time", func() {
		c := clock{offset: int64(time.Hour)}
		start := time.Now()
		Expect(c.Wait(context.Background(), c.Now()+int64(30*ms))).To(Succeed())
		Expect(time.Since(start)).To(And(BeNumerically(">=", 30*ms), BeNumerically("<", patience)))
	})
})
