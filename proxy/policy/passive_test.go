package policy_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/policy"
)

var _ = Describe("Passive", func() {
	const second = int64(time.Second)
	server := func(maxFails int) *policy.Passive {
		GinkgoHelper()
		p, err := policy.NewPassive(policy.PassiveConfig{MaxFails: maxFails, FailTimeout: 2 * time.Second})
		Expect(err).NotTo(HaveOccurred())
		return p
	}

	It("marks a server as down at failure number max_fails, not earlier", func() {
		p := server(2)
		Expect(p.Usable(0)).To(BeTrue())
		Expect(p.Failed(10 * second)).To(BeFalse())
		Expect(p.Usable(10 * second)).To(BeTrue())
		Expect(p.Failed(11 * second)).To(BeTrue())
		Expect(p.Usable(11 * second)).To(BeFalse())
	})

	It("lets one connection try after fail_timeout; the others do not use the server until it succeeds", func() {
		p := server(1)
		p.Failed(10 * second)
		Expect(p.Usable(12*second)).To(BeFalse(), "not before more than fail_timeout has passed")
		Expect(p.Usable(12*second + 1)).To(BeTrue())
		p.Chosen(12*second + 1)
		Expect(p.Usable(12*second+2)).To(BeFalse(), "one is trying")
		Expect(p.Failed(12*second+3)).To(BeTrue(), "still dead: set aside anew")
		Expect(p.Usable(13 * second)).To(BeFalse())
	})

	It("marks the server as up when that connection succeeds", func() {
		p := server(1)
		p.Failed(10 * second)
		p.Chosen(13 * second)
		p.Succeeded()
		Expect(p.Usable(13 * second)).To(BeTrue())
		Expect(p.Failed(14*second)).To(BeTrue(), "and counts from nothing")
	})

	It("keeps the failure count after a success; only a pause clears it", func() {
		p := server(2)
		p.Failed(10 * second)
		p.Chosen(10*second + 1)
		p.Succeeded()
		Expect(p.Failed(11 * second)).To(BeTrue())
	})

	DescribeTable("refuses", func(c policy.PassiveConfig, want string) {
		p, err := policy.NewPassive(c)
		Expect(err).To(MatchError(want))
		Expect(p).To(BeNil())
	},
		Entry("no failures", policy.PassiveConfig{FailTimeout: time.Second}, "passive check: max_fails 0: want at least 1"),
		Entry("no time", policy.PassiveConfig{MaxFails: 1}, "passive check: fail_timeout 0s: want more than 0"),
	)
})
