package policy_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

func health(cfg policy.CheckConfig, first int64) *policy.Health {
	GinkgoHelper()
	h, err := policy.NewHealth(cfg, first)
	Expect(err).NotTo(HaveOccurred())
	return h
}

// model judges a service as the words say: down after fall failures in a row, up after rise successes in a row.
type model struct {
	rise, fall int
	up         bool
	row        int // results in a row against the present state
}

func (m *model) ended(ok bool) (changed bool) {
	if ok == m.up {
		m.row = 0
		return false
	}
	m.row++
	if m.up && m.row == m.fall || !m.up && m.row == m.rise {
		m.up, m.row = !m.up, 0
		return true
	}
	return false
}

// decided runs one service that dies at the instant died; each failing check takes fail. It gives the instant at which
// the service was taken down.
func decided(cfg policy.CheckConfig, died int64, fail time.Duration) int64 {
	h := health(cfg, 0)
	for {
		start := h.Next()
		if start < died {
			h.Ended(start, true)
			continue
		}
		end := start + int64(fail)
		if h.Ended(end, false) {
			return end
		}
	}
}

var _ = Describe("the health of a service", func() {
	It("changes after fall failures or rise successes in a row, over every sequence of twelve results", func() {
		const results = 12
		for fall := 1; fall <= 4; fall++ {
			for rise := 1; rise <= 3; rise++ {
				for code := range 1 << results {
					h := health(policy.CheckConfig{Interval: time.Second, Fall: fall, Rise: rise}, 0)
					h.Ended(0, true) // the first check decides: see below
					m := model{rise: rise, fall: fall, up: true}
					for k := range results {
						ok := code>>k&1 == 1
						if h.Ended(0, ok) != m.ended(ok) || h.Up() != m.up {
							Fail("health and model differ")
						}
					}
				}
			}
		}
	})

	It("starts as up; the first check alone decides", func() {
		cfg := policy.CheckConfig{Interval: time.Second, Fall: 3, Rise: 2}
		h := health(cfg, 0)
		Expect(h.Up()).To(BeTrue())
		Expect(h.Ended(0, false)).To(BeTrue())
		h = health(cfg, 0)
		h.Ended(0, true)
		Expect(h.Ended(0, false)).To(BeFalse())
	})

	It("starts the next check an interval after the end of the last, as HAProxy does", func() {
		h := health(policy.CheckConfig{Interval: time.Second, Fall: 1, Rise: 1}, 5)
		Expect(h.Next()).To(Equal(int64(5)))
		h.Ended(int64(300*time.Millisecond), true)
		Expect(time.Duration(h.Next())).To(Equal(1300 * time.Millisecond))
	})

	DescribeTable("starts checks on a grid as keepalived does",
		func(end, next time.Duration) {
			h := health(policy.CheckConfig{Interval: time.Second, Fall: 1, Rise: 1, Cadence: policy.FixedRate}, 0)
			h.Ended(int64(end), true)
			Expect(time.Duration(h.Next())).To(Equal(next))
		},
		Entry("a short check", 300*time.Millisecond, time.Second),
		Entry("a check that ends on the grid", time.Second, 2*time.Second),
		Entry("a check that takes longer than the interval", 2500*time.Millisecond, 3*time.Second),
	)

	DescribeTable("changes within the predicted interval, and reaches both its ends",
		func(cadence policy.Cadence, fail time.Duration, predicted policy.Bounds) {
			cfg := policy.CheckConfig{Interval: 2 * time.Second, Fall: 3, Rise: 2, Cadence: cadence}
			lo, hi := time.Hour, time.Duration(0)
			for died := int64(10 * time.Second); died < int64(12*time.Second); died += int64(time.Millisecond) {
				took := time.Duration(decided(cfg, died, fail) - died)
				lo, hi = min(lo, took), max(hi, took)
			}
			Expect(lo).To(BeNumerically("~", predicted.Lo, time.Millisecond))
			Expect(hi).To(BeNumerically("~", predicted.Hi, time.Millisecond))
		},
		Entry("HAProxy, refused", policy.AfterEnd, time.Duration(0), policy.Check{Interval: 2 * time.Second, Fall: 3}.BalancerDown(policy.Refused)),
		Entry("HAProxy, silent", policy.AfterEnd, 2*time.Second, policy.Check{Interval: 2 * time.Second, Fall: 3}.BalancerDown(policy.Blackholed)),
		Entry("keepalived, refused", policy.FixedRate, time.Duration(0), ms(4000, 6000)),
		Entry("keepalived, silent for half a second", policy.FixedRate, 500*time.Millisecond, ms(4500, 6500)),
	)

	It("reports all errors of its configuration", func() {
		_, err := policy.NewHealth(policy.CheckConfig{}, 0)
		for _, word := range []string{"interval 0s", "fall 0", "rise 0"} {
			Expect(err).To(MatchError(ContainSubstring(word)))
		}
	})
})
