package policy_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

// holds reports whether the measured range lies inside the predicted one, with slack after it for the delivery of the
// packet or signal that the formulas leave out.
func holds(predicted, measured policy.Bounds, slack time.Duration) {
	GinkgoHelper()
	Expect(measured.Lo).To(BeNumerically(">=", predicted.Lo))
	Expect(measured.Hi).To(BeNumerically("<=", predicted.Hi+slack))
}

func ms(lo, hi time.Duration) policy.Bounds {
	return policy.Bounds{Lo: lo * time.Millisecond, Hi: hi * time.Millisecond}
}

var _ = Describe("the timers of VRRP", func() {
	v2 := policy.VRRP{Version: 2, Advert: time.Second, Priority: 100}
	v3 := policy.VRRP{Version: 3, Advert: 100 * time.Millisecond, Priority: 100}

	It("follow RFC 3768 in version 2", func() {
		Expect(v2.Skew()).To(Equal(609375 * time.Microsecond))
		Expect(v2.MasterDown()).To(Equal(3609375 * time.Microsecond))
	})
	It("follow RFC 5798 in version 3: the skew scales with the interval", func() {
		Expect(v3.Skew()).To(Equal(60937500 * time.Nanosecond))
		Expect(v3.MasterDown()).To(Equal(360937500 * time.Nanosecond))
	})
	It("make the higher priority the first master", func() {
		Expect(policy.VRRP{Version: 2, Advert: time.Second, Priority: 254}.Skew()).To(BeNumerically("<", v2.Skew()))
	})

	DescribeTable("contain what was measured with keepalived 2.2.7",
		func(predicted, measured policy.Bounds) { holds(predicted, measured, 25*time.Millisecond) },
		Entry("silent death, version 2, 1 s", v2.Silence(), ms(2770, 3500)),
		Entry("SIGSTOP of the master", v2.Silence(), ms(2680, 3560)),
		Entry("SIGTERM: priority 0", v2.Release(), ms(614, 620)),
		Entry("version 3, 0.1 s, SIGTERM", v3.Release(), ms(66, 85)),
		Entry("version 3, 0.1 s, silent death", v3.Silence(), ms(358, 358)),
	)
})

var _ = Describe("the timers of HAProxy's checks", func() {
	defaults := policy.Check{Interval: 2 * time.Second, Fall: 3, Rise: 2}
	withHTTP, fast, short := defaults, defaults, defaults
	withHTTP.HTTP = true
	fast.Fast = 500 * time.Millisecond
	long := policy.Check{HTTP: true, Interval: 500 * time.Millisecond, Timeout: 1500 * time.Millisecond, Connect: 300 * time.Millisecond, Fall: 2, Rise: 2}
	short.Timeout, short.Connect = 500*time.Millisecond, 500*time.Millisecond

	DescribeTable("contain what was measured with HAProxy 2.6.12",
		func(got, predicted, measured policy.Bounds) {
			Expect(got).To(Equal(predicted))
			holds(got, measured, 20*time.Millisecond)
		},
		Entry("refused", defaults.BalancerDown(policy.Refused), ms(4000, 6000), ms(4370, 5780)),
		Entry("DROP", defaults.BalancerDown(policy.Blackholed), ms(10000, 12000), ms(10070, 11990)),
		Entry("SIGSTOP with httpchk", withHTTP.BalancerDown(policy.Frozen), ms(10000, 12000), ms(10150, 11670)),
		Entry("DROP with fastinter", fast.BalancerDown(policy.Blackholed), ms(7000, 9000), ms(7090, 9010)),
		Entry("DROP with short timeouts", short.BalancerDown(policy.Blackholed), ms(5500, 7500), ms(5750, 7420)),
		Entry("SIGSTOP with httpchk, timeout check longer than inter", long.BalancerDown(policy.Frozen), ms(3500, 4000), ms(3652, 3870)),
		Entry("up again after refused", defaults.BalancerUp(), ms(2000, 4000), ms(2360, 3780)),
		Entry("SIGSTOP with TLS: one check", policy.Check{TLS: true, Interval: time.Second, Timeout: 1500 * time.Millisecond, Connect: 500 * time.Millisecond, Fall: 1}.BalancerDown(policy.Frozen), ms(500, 1500), ms(501, 502)),
	)

	DescribeTable("take a check's own failure from the manual",
		func(c policy.Check, f policy.Failure, want time.Duration) {
			Expect(c.BalancerFail(f)).To(Equal(want))
		},
		Entry("silent, timeout check without timeout connect", policy.Check{Interval: 2 * time.Second, Timeout: time.Second}, policy.Blackholed, 2*time.Second),
		Entry("silent, a long timeout connect", policy.Check{Interval: 2 * time.Second, Timeout: time.Second, Connect: time.Minute}, policy.Blackholed, 2*time.Second),
		Entry("silent, timeout check longer than inter (measured: Layer4 timeout, 502 ms)",
			policy.Check{Interval: 500 * time.Millisecond, Timeout: 1500 * time.Millisecond, Connect: 2 * time.Second}, policy.Blackholed, 500*time.Millisecond),
		Entry("frozen, TLS (measured: Layer6 timeout, 501 ms)",
			policy.Check{HTTP: true, TLS: true, Interval: time.Second, Timeout: 1500 * time.Millisecond, Connect: 500 * time.Millisecond}, policy.Frozen, 500*time.Millisecond),
		Entry("frozen, TLS without timeout check (measured: Layer6 timeout, 1002 ms)",
			policy.Check{TLS: true, Interval: time.Second, Connect: 500 * time.Millisecond}, policy.Frozen, time.Second),
		Entry("frozen, timeout check", policy.Check{Interval: 2 * time.Second, Timeout: time.Second, Connect: time.Minute}, policy.Frozen, time.Second),
	)

	It("use downinter while a server is down, and fastinter between the two states", func() {
		c := policy.Check{Interval: 10 * time.Second, Fast: time.Second, Down: 5 * time.Second, Rise: 2}
		Expect(c.BalancerUp()).To(Equal(ms(1000, 6000)))
	})
	It("count errors of the traffic", func() { // 10 errors at 20/s, each refused
		Expect(policy.ObservedDown(10, 20, 0)).To(Equal(ms(450, 500)))
		Expect(policy.ObservedDown(10, 20, 2*time.Second)).To(Equal(ms(2450, 2500)))
	})
	It("do not detect a frozen process by a connect check", func() {
		Expect(policy.Check{TLS: true}.Sees(policy.Frozen)).To(BeTrue(), "the handshake does not end")
		Expect(defaults.Sees(policy.Frozen)).To(BeFalse())
		Expect(defaults.Sees(policy.Blackholed)).To(BeTrue())
		Expect(withHTTP.Sees(policy.Frozen)).To(BeTrue())
	})
})

var _ = Describe("the timers of keepalived's track scripts", func() {
	check := policy.Check{HTTP: true, Interval: time.Second, Timeout: 500 * time.Millisecond, Fall: 2}

	DescribeTable("run at a fixed rate",
		func(f policy.Failure, want policy.Bounds) { Expect(check.ScriptDown(f)).To(Equal(want)) },
		Entry("refused", policy.Refused, ms(1000, 2050)),
		Entry("frozen: the timeout counts once", policy.Frozen, ms(1500, 2550)),
	)
	It("start while the last run is still running", func() { // keepalived 2.2.7, a script that fails after 1.05 s: 2.64 s
		long := check
		long.Timeout = 1050 * time.Millisecond
		Expect(long.ScriptDown(policy.Frozen)).To(Equal(ms(2050, 3100)))
		holds(long.ScriptDown(policy.Frozen), ms(2640, 2640), 0)
	})
	It("may run for an interval where no timeout is set", func() {
		open := check
		open.Timeout = 0
		Expect(open.ScriptDown(policy.Frozen)).To(Equal(ms(2000, 3050)))
	})
	It("add up with the election", func() {
		backup := policy.VRRP{Version: 2, Advert: time.Second, Priority: 100}
		Expect(check.ScriptDown(policy.Refused).Plus(backup.Release())).To(Equal(
			policy.Bounds{Lo: 1609375 * time.Microsecond, Hi: 2659375 * time.Microsecond}))
		Expect(ms(1, 2).Union(ms(0, 5))).To(Equal(ms(0, 5)))
	})
})

var _ = DescribeTable("a tracked object changes a priority", func(t policy.Tracked, add int, fault bool) {
	gotAdd, gotFault := t.Effect()
	Expect(gotAdd).To(Equal(add))
	Expect(gotFault).To(Equal(fault))
},
	Entry("positive and up", policy.Tracked{Weight: 5, Up: true}, 5, false),
	Entry("positive and down", policy.Tracked{Weight: 5}, 0, false),
	Entry("negative and up", policy.Tracked{Weight: -5, Up: true}, 0, false),
	Entry("negative and down", policy.Tracked{Weight: -5}, -5, false),
	Entry("reversed and up", policy.Tracked{Weight: 5, Reverse: true, Up: true}, -5, false),
	Entry("reversed and down", policy.Tracked{Weight: -5, Reverse: true}, 5, false),
	Entry("without weight and down", policy.Tracked{}, 0, true),
	Entry("without weight, reversed and up", policy.Tracked{Reverse: true, Up: true}, 0, true),
	Entry("without weight and up", policy.Tracked{Up: true}, 0, false),
)

var _ = DescribeTable("an effective priority stays from 1 to 254", func(base, add, want int) {
	Expect(policy.EffectivePriority(base, add)).To(Equal(want))
}, Entry("sum", 100, -20, 80), Entry("low", 10, -20, 1), Entry("high", 250, 20, 254), Entry("an address owner", 255, -20, 255))
