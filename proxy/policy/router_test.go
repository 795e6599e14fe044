package policy_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy/policy"
)

var (
	ownAddress  = netip.MustParseAddr("10.0.0.5")
	lowAddress  = netip.MustParseAddr("10.0.0.2")
	highAddress = netip.MustParseAddr("10.0.0.9")
)

func routerConfig(change func(*policy.RouterConfig)) policy.RouterConfig {
	c := policy.RouterConfig{
		VRRP:    policy.VRRP{Version: 2, Priority: 100, Advert: time.Second},
		Preempt: true,
		Address: ownAddress,
	}
	if change != nil {
		change(&c)
	}
	return c
}

func router(change func(*policy.RouterConfig)) *policy.Router {
	GinkgoHelper()
	r, err := policy.NewRouter(routerConfig(change))
	Expect(err).NotTo(HaveOccurred())
	return r
}

// step is one input to a router, at the instant now; it returns the instant after it.
type step struct {
	name string
	do   func(r *policy.Router, now int64) (policy.RouterOutput, int64)
}

func advertStep(name string, priority int, from netip.Addr) step {
	return step{name, func(r *policy.Router, now int64) (policy.RouterOutput, int64) {
		return r.Advert(now, priority, 2*time.Second, from), now
	}}
}

var steps = []step{
	{"startup", func(r *policy.Router, now int64) (policy.RouterOutput, int64) { return r.Startup(now), now }},
	{"shutdown", func(r *policy.Router, now int64) (policy.RouterOutput, int64) { return r.Shutdown(), now }},
	{"due", func(r *policy.Router, now int64) (policy.RouterOutput, int64) {
		if at, ok := r.Deadline(); ok {
			now = at
		}
		return r.Tick(now), now
	}},
	{"early", func(r *policy.Router, now int64) (policy.RouterOutput, int64) {
		if at, ok := r.Deadline(); ok && at-1 > now {
			now = at - 1
		}
		return r.Tick(now), now
	}},
	advertStep("resign", policy.PriorityResign, highAddress),
	advertStep("lower", 40, highAddress),
	advertStep("equal from a lower address", 100, lowAddress),
	advertStep("equal from a higher address", 100, highAddress),
	advertStep("higher", 200, lowAddress),
	{"track failed", func(r *policy.Router, now int64) (policy.RouterOutput, int64) { return r.Track(now, false), now }},
	{"track ok", func(r *policy.Router, now int64) (policy.RouterOutput, int64) { return r.Track(now, true), now }},
}

// broken names the first rule that a step broke; empty: none.
func broken(cfg policy.RouterConfig, s step, before policy.VRRPState, out policy.RouterOutput, r *policy.Router, now int64, trackOK bool) string {
	at, timer := r.Deadline()
	after := r.State()
	fault := !trackOK && cfg.TrackWeight == 0
	switch {
	case out.State != after:
		return "the output names another state than the router"
	case out.Changed != (before != after):
		return "Changed is not a change of state"
	case out.Send && out.Priority == policy.PriorityResign && (before != policy.Master || after == policy.Master):
		return "resigned without leaving MASTER"
	case out.Send && out.Priority != policy.PriorityResign && (after != policy.Master || out.Priority != r.Priority()):
		return "advertised without being MASTER, or not its priority"
	case before == policy.Master && (after == policy.Initialize || after == policy.Fault) && !out.Send:
		return "left MASTER for good without resigning"
	case before != policy.Master && after == policy.Master && !out.Send:
		return "became MASTER without an advert"
	case timer != (after == policy.Backup || after == policy.Master):
		return "a timer in the wrong state"
	case timer && (at < now || at == now && s.name == "due"):
		return "a timer in the past"
	case timer && at-now > int64(r.Timers().MasterDown()+3*time.Second):
		return "a timer too far away"
	case after != policy.Initialize && fault != (after == policy.Fault):
		return "FAULT does not go with the track"
	case s.name == "early" && (out.Send || out.Changed):
		return "acted before the deadline"
	case s.name == "higher" && after == policy.Master:
		return "stayed MASTER against a higher priority"
	case s.name == "lower" && before == policy.Master && after != policy.Master && r.Priority() >= 40:
		return "yielded to a lower priority"
	}
	return ""
}

// run applies steps by their indexes and returns what broke.
func run(cfg policy.RouterConfig, indexes []byte) string {
	r, err := policy.NewRouter(cfg)
	if err != nil {
		return err.Error()
	}
	now, trackOK := int64(0), true
	for n, i := range indexes {
		s := steps[int(i)%len(steps)]
		before := r.State()
		var out policy.RouterOutput
		out, now = s.do(r, now)
		switch s.name {
		case "track failed":
			trackOK = false
		case "track ok":
			trackOK = true
		}
		if rule := broken(cfg, s, before, out, r, now, trackOK); rule != "" {
			return fmt.Sprintf("%s: step %d of %v (%s): %v -> %+v", rule, n, indexes, s.name, before, out)
		}
	}
	return ""
}

var routerVariants = []policy.RouterConfig{
	routerConfig(nil),
	routerConfig(func(c *policy.RouterConfig) { c.Preempt = false }),
	routerConfig(func(c *policy.RouterConfig) { c.TrackWeight = -50 }),
	routerConfig(func(c *policy.RouterConfig) { c.Version, c.Advert = 3, 100*time.Millisecond }),
}

func FuzzRouter(f *testing.F) {
	f.Add(uint8(0), []byte{0, 2, 9, 10, 2, 8, 1})
	f.Add(uint8(3), []byte{0, 7, 4, 2, 7, 1})
	f.Fuzz(func(t *testing.T, variant uint8, indexes []byte) {
		fuzzcost.Bound(t)
		if rule := run(routerVariants[int(variant)%len(routerVariants)], indexes); rule != "" {
			t.Fatal(rule)
		}
	})
}

var _ = Describe("a VRRP router", func() {
	It("keeps its invariants over every sequence of five inputs", func() {
		n := len(steps)
		total := n * n * n * n * n
		for _, cfg := range routerVariants {
			indexes := make([]byte, 5)
			for code := range total {
				for k, c := 0, code; k < len(indexes); k, c = k+1, c/n {
					indexes[k] = byte(c % n)
				}
				if rule := run(cfg, indexes); rule != "" {
					Fail(rule)
				}
			}
		}
	})

	It("waits for the master-down interval, then takes the address with an advert", func() {
		r := router(nil)
		Expect(r.Startup(0)).To(Equal(policy.RouterOutput{Changed: true, State: policy.Backup}))
		at, ok := r.Deadline()
		Expect(ok).To(BeTrue())
		Expect(time.Duration(at)).To(Equal(3609375 * time.Microsecond))
		Expect(r.Tick(at)).To(Equal(policy.RouterOutput{Changed: true, State: policy.Master, Send: true, Priority: 100}))
		next, _ := r.Deadline()
		Expect(time.Duration(next - at)).To(Equal(time.Second))
		Expect(r.Tick(next)).To(Equal(policy.RouterOutput{State: policy.Master, Send: true, Priority: 100}))
	})

	It("waits only for the skew after priority 0", func() {
		r := router(nil)
		r.Startup(0)
		r.Advert(1000, policy.PriorityResign, time.Second, highAddress)
		at, _ := r.Deadline()
		Expect(time.Duration(at - 1000)).To(Equal(609375 * time.Microsecond))
	})

	DescribeTable("as backup hears adverts",
		func(preempt bool, priority int, reset bool) {
			r := router(func(c *policy.RouterConfig) { c.Preempt = preempt })
			r.Startup(0)
			before, _ := r.Deadline()
			r.Advert(int64(time.Second), priority, time.Second, lowAddress)
			after, _ := r.Deadline()
			Expect(after > before).To(Equal(reset))
		},
		Entry("of a higher priority: the timer starts again", true, 101, true),
		Entry("of its own priority: again", true, 100, true),
		Entry("of a lower priority: it will preempt", true, 99, false),
		Entry("of a lower priority without preemption: again", false, 99, true),
	)

	DescribeTable("as master hears adverts",
		func(priority int, from netip.Addr, want policy.RouterOutput) {
			r := router(nil)
			r.Startup(0)
			at, _ := r.Deadline()
			r.Tick(at)
			Expect(r.Advert(at+1, priority, time.Second, from)).To(Equal(want))
		},
		Entry("higher: yields", 101, lowAddress, policy.RouterOutput{Changed: true, State: policy.Backup}),
		Entry("equal, higher address: yields", 100, highAddress, policy.RouterOutput{Changed: true, State: policy.Backup}),
		Entry("equal, lower address: answers", 100, lowAddress, policy.RouterOutput{State: policy.Master, Send: true, Priority: 100}),
		Entry("lower: answers", 99, highAddress, policy.RouterOutput{State: policy.Master, Send: true, Priority: 100}),
		Entry("resign: answers", 0, highAddress, policy.RouterOutput{State: policy.Master, Send: true, Priority: 100}),
	)

	It("takes the skew of version 3 from the interval its master announces", func() {
		r := router(func(c *policy.RouterConfig) { c.Version, c.Advert = 3, 100*time.Millisecond })
		r.Startup(0)
		r.Advert(0, 200, 400*time.Millisecond, lowAddress)
		at, _ := r.Deadline()
		Expect(time.Duration(at)).To(Equal(1200*time.Millisecond + 400*time.Millisecond*156/256))
	})

	It("is master at once as the owner of the address, whatever its track says", func() {
		r := router(func(c *policy.RouterConfig) { c.Priority = policy.PriorityOwner })
		r.Track(0, false)
		Expect(r.Startup(0)).To(Equal(policy.RouterOutput{Changed: true, State: policy.Master, Send: true, Priority: 255}))
	})

	It("resigns into FAULT when its track fails with weight 0, and comes back as backup", func() {
		r := router(nil)
		r.Startup(0)
		at, _ := r.Deadline()
		r.Tick(at)
		Expect(r.Track(at, false)).To(Equal(policy.RouterOutput{Changed: true, State: policy.Fault, Send: true, Priority: 0}))
		Expect(r.Tick(at + int64(time.Hour)).Send).To(BeFalse())
		Expect(r.Track(at, true)).To(Equal(policy.RouterOutput{Changed: true, State: policy.Backup}))
	})

	It("advertises the lowered priority when its track fails with a negative weight", func() {
		r := router(func(c *policy.RouterConfig) { c.TrackWeight = -253 })
		r.Startup(0)
		at, _ := r.Deadline()
		r.Tick(at)
		Expect(r.Track(at, false).Changed).To(BeFalse())
		Expect(r.Tick(at + int64(time.Second))).To(Equal(policy.RouterOutput{State: policy.Master, Send: true, Priority: 1}))
	})

	It("reports all errors of its configuration", func() {
		_, err := policy.NewRouter(policy.RouterConfig{TrackWeight: 1})
		for _, word := range []string{"version 0", "priority 0", "interval 0s", "own address", "weight 1"} {
			Expect(err).To(MatchError(ContainSubstring(word)))
		}
	})
})
