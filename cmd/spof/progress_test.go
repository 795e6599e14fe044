package main

import (
	"io"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = It("counts failed and late requests", func() {
	var said strings.Builder
	var ended []plan.Trial
	c := &cellProgress{p: newProgress(&said, false, false), name: "dual-wan wan-loss-peak", trials: 1, patience: time.Second,
		done: func(_ plan.Plan, trial plan.Trial) { ended = append(ended, trial) }}
	c.Trial(trace.Header{}, 20*time.Second)
	c.Samples([]trace.Sample{{}, {Done: 1_000_000}, {Outcome: load.Timeout, Done: 5_000_000}})
	Expect(c.line(120)).To(HaveSuffix(", 1 failed"))
	c.Samples([]trace.Sample{{Done: 1_000_001}, {Done: 3_000_000}})
	Expect(c.line(120)).To(HaveSuffix(", 1 failed, 2 late"))
	c.Ended("")
	Expect(said.String()).To(ContainSubstring("of 5 requests 1 failed, 2 late; done"))
	Expect(ended).To(Equal([]plan.Trial{{}}))
})

var colour = regexp.MustCompile("\x1b\\[[0-9]*m")

var _ = DescribeTable("the live strip fits the terminal", func(width int, shown string) {
	c := &cellProgress{p: newProgress(io.Discard, false, false), name: "active-passive node-death", trials: 1, patience: time.Second}
	c.Trial(trace.Header{}, 20*time.Second)
	c.phase = "fault"
	for s := range 20 {
		outcome := load.OK
		if s >= 10 {
			outcome = load.Timeout
		}
		at := int64(s) * int64(time.Second)
		c.Samples([]trace.Sample{{Scheduled: at, Outcome: outcome}, {Scheduled: at + int64(time.Second)/2, Outcome: outcome}})
	}
	line := colour.ReplaceAllString(c.line(width), "")
	Expect(line).To(ContainSubstring(" " + shown + " fault "))
	if width >= 80 {
		Expect(utf8.RuneCountInString(line)).To(BeNumerically("<=", width))
	}
},
	Entry("a wide one: every bin", 120, strings.Repeat("█", 20)+strings.Repeat("_", 20)),
	Entry("the usual 80 columns: fewer blocks", 80, "████████▅________"),
	Entry("a very narrow one: the least strip, cut off by the terminal", 40, "█████_____"),
)
