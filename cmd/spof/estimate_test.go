package main

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = DescribeTable("the estimate plays labs", func(jobs int, size int64, want time.Duration, labs ...[]step) {
	Expect(play(labs, jobs, size)).To(Equal(want))
},
	Entry("one after another", 1, int64(0), 5*time.Second, []step{{2 * time.Second, 0}, {time.Second, 0}}, []step{{2 * time.Second, 0}}),
	Entry("side by side", 2, int64(0), 3*time.Second, []step{{3 * time.Second, 0}}, []step{{2 * time.Second, 0}}, []step{{time.Second, 0}}),
	Entry("side by side as long as there is room", 2, int64(10), 2*time.Second, []step{{2 * time.Second, 5}}, []step{{2 * time.Second, 5}}),
	Entry("and else one after another", 2, int64(10), 4*time.Second, []step{{2 * time.Second, 6}}, []step{{2 * time.Second, 5}}),
	Entry("none of which overtakes who wants much", 3, int64(10), 5*time.Second,
		[]step{{2 * time.Second, 5}}, []step{{2 * time.Second, 10}}, []step{{time.Second, 5}}),
	Entry("what takes no room beside everything", 2, int64(10), 4*time.Second, []step{{time.Second, 0}, {2 * time.Second, 10}}, []step{{2 * time.Second, 10}}),
)
