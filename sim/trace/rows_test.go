package trace_test

import (
	"math"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/proxy/load"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("a line of samples", func() {
	DescribeTable("is read without encoding/json, and the same", func(line string, want ...trace.Sample) {
		got, ok := trace.ReadRows([]byte(line))
		Expect(ok).To(BeTrue())
		Expect(got).To(Equal(want))
		Expect(trace.DecodeRows([]byte(line))).To(Equal(want))
	},
		Entry("one", `{"s":[[1,2,3,4,5,6,7,"ok",8,9,10]]}`,
			trace.Sample{Scheduled: 1, Late: 2, FirstByte: 3, Done: 4, Bytes: 5, User: 6, Node: 7, Flags: 8, SYNs: 9, Resent: 10}),
		Entry("without the counts of TCP", `{"s":[[0,0,0,0,0,0,0,"reset",15]]}`, trace.Sample{Outcome: load.Reset, Flags: 15}),
		Entry("two, before the start and at the ends of the ranges", `{"s":[[-5,0,0,0,0,0,0,"5xx",1],[9223372036854775807,4294967295,4294967295,4294967295,4294967295,65535,255,"dns",255,255,255]]}`,
			trace.Sample{Scheduled: -5, Outcome: load.Status5xx, Flags: 1},
			trace.Sample{Scheduled: math.MaxInt64, Late: math.MaxUint32, FirstByte: math.MaxUint32, Done: math.MaxUint32, Bytes: math.MaxUint32,
				User: math.MaxUint16, Node: math.MaxUint8, Outcome: load.NoName, Flags: 255, SYNs: 255, Resent: 255}),
	)

	DescribeTable("is left to encoding/json in any other form", func(line string) {
		_, ok := trace.ReadRows([]byte(line))
		Expect(ok).To(BeFalse())
	},
		Entry("spaces", `{"s": [[1,2,3,4,5,6,7,"ok",8,9,10]]}`),
		Entry("no sample", `{"s":[]}`),
		Entry("a leading zero", `{"s":[[1,02,3,4,5,6,7,"ok",8]]}`),
		Entry("a number out of range", `{"s":[[1,2,3,4,5,65536,7,"ok",8]]}`),
		Entry("more digits than fit", `{"s":[[99999999999999999999,2,3,4,5,6,7,"ok",8]]}`),
		Entry("a fraction", `{"s":[[1.5,2,3,4,5,6,7,"ok",8]]}`),
		Entry("no number", `{"s":[[,2,3,4,5,6,7,"ok",8]]}`),
		Entry("an unknown outcome", `{"s":[[1,2,3,4,5,6,7,"fine",8]]}`),
		Entry("too few values", `{"s":[[1,2,3,4,5,6,7,"ok"]]}`),
		Entry("too many values", `{"s":[[1,2,3,4,5,6,7,"ok",8,9,10,11]]}`),
		Entry("ten values", `{"s":[[1,2,3,4,5,6,7,"ok",8,9]]}`),
		Entry("another key", `{"s":[[1,2,3,4,5,6,7,"ok",8]],"m":null}`),
		Entry("an end too early", `{"s":[[1,2,3,4,5,6,7,"ok",8]]`),
		Entry("another line", `{"end":{"samples":1}}`),
	)
})

// FuzzRows reads anything as a line of samples. What is read without encoding/json must be what encoding/json reads.
func FuzzRows(f *testing.F) {
	f.Add([]byte(`{"s":[[1,2,3,4,5,6,7,"reset",15],[-1,0,0,0,0,0,0,"5xx",1,2,3]]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		fuzzcost.Bound(t)
		got, ok := trace.ReadRows(line)
		if !ok {
			return
		}
		RegisterTestingT(t)
		Expect(trace.DecodeRows(line)).To(Equal(got))
	})
}
