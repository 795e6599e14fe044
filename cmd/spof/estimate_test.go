package main

import (
	"fmt"
	"io"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

var _ = DescribeTable("the estimate simulates labs", func(jobs int, size int64, want time.Duration, labs ...[]step) {
	Expect(play(labs, jobs, size)).To(Equal(want))
},
	Entry("one after another", 1, int64(0), 5*time.Second, []step{{2 * time.Second, 0}, {time.Second, 0}}, []step{{2 * time.Second, 0}}),
	Entry("side by side", 2, int64(0), 3*time.Second, []step{{3 * time.Second, 0}}, []step{{2 * time.Second, 0}}, []step{{time.Second, 0}}),
	Entry("side by side if the capacity is enough", 2, int64(10), 2*time.Second, []step{{2 * time.Second, 5}}, []step{{2 * time.Second, 5}}),
	Entry("one after another if it is not", 2, int64(10), 4*time.Second, []step{{2 * time.Second, 6}}, []step{{2 * time.Second, 5}}),
	Entry("FIFO: large requests are not starved", 3, int64(10), 5*time.Second,
		[]step{{2 * time.Second, 5}}, []step{{2 * time.Second, 10}}, []step{{time.Second, 5}}),
	Entry("a step without a share beside everything", 2, int64(10), 4*time.Second, []step{{time.Second, 0}, {2 * time.Second, 10}}, []step{{2 * time.Second, 10}}),
)

var _ = It("the pace counts every trial that has ended, also of current labs", func() {
	one := plan.Plan{End: 10*time.Second - perTrial, Trials: []plan.Trial{{Index: 0}, {Index: 1}}}
	p := newPace(io.Discard, []plan.Plan{one, one})
	told := func() (text string) {
		p.tell(func(format string, args ...any) { text = fmt.Sprintf(format, args...) })
		return text
	}
	Expect(told()).To(BeEmpty(), "no trial has ended")
	p.started = time.Now().Add(-30 * time.Second)
	p.ended(one, one.Trials[0])
	p.ended(one, one.Trials[1])
	p.ended(one, one.Trials[0])
	Expect(told()).To(Equal("1 of 2 cells done, about 10 s left"))
	p.started = time.Now().Add(-40 * time.Second)
	p.ended(one, one.Again(one.Trials[0]))
	Expect(told()).To(Equal("1 of 2 cells done, about 10 s left"), "a repeated trial adds to the total")
	p.ended(one, one.Trials[1])
	Expect(told()).To(BeEmpty(), "all is done")
})
