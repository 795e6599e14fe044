package proxy_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = DescribeTable("middle +- uncertainty covers the whole interval",
	func(before, after, middle int64, uncertainty time.Duration) {
		i := proxy.Interval{Before: before, After: after}
		Expect([]int64{i.Middle(), i.Uncertainty().Nanoseconds()}).To(Equal([]int64{middle, uncertainty.Nanoseconds()}))
		Expect(i.Middle() - i.Uncertainty().Nanoseconds()).To(BeNumerically("<=", before))
		Expect(i.Middle() + i.Uncertainty().Nanoseconds()).To(BeNumerically(">=", after))
		Expect(i.Stamp(proxy.Event{Kind: "power"})).To(Equal(proxy.Event{At: middle, Uncertainty: uncertainty, Kind: "power"}))
	},
	Entry("an even width", int64(10), int64(14), int64(12), time.Duration(2)),
	Entry("an odd width", int64(10), int64(13), int64(11), time.Duration(2)),
	Entry("a single instant", int64(10), int64(10), int64(10), time.Duration(0)),
	Entry("instants whose sum is more than an int64", int64(1<<62), int64(1<<62+2), int64(1<<62+1), time.Duration(1)),
)
