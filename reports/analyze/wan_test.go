package analyze_test

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

// meter adds a reading of a link's meter.
func meter(t *trace.Trace, link string, at time.Duration, up, down int64) {
	t.Events = append(t.Events, trace.Event{At: epoch + at.Nanoseconds(), Node: link, Kind: proxy.EventWANBytes, Up: up, Down: down})
}

var _ = Describe("the bytes of the WAN", func() {
	It("are the meter differences over the phases, by link and in total", func() {
		t := synthetic(always(fine))
		for _, at := range []time.Duration{0, s, 4 * s, undoAt, endAt} {
			meter(t, "isp", at+2*msec, at.Milliseconds(), 9*at.Milliseconds()) // 10 kB/s
		}
		meter(t, "spare", s, 500, 0)
		meter(t, "spare", 4*s, 500, 0)
		meter(t, "spare", undoAt, 500, 80_000) // 10 kB/s in the 8 s of the fault
		meter(t, "spare", endAt, 500, 80_000)
		expect(t, "wan_bytes", "<=", 15_000, "<= 15000B/s")
		got := analyze.TrialOf(t)
		Expect(got.WAN).NotTo(BeNil())
		Expect(got.WAN.Before).To(BeNumerically("~", 10_000, 1))
		Expect(got.WAN.During).To(BeNumerically("~", 20_000, 1))
		Expect(got.WAN.After).To(BeNumerically("~", 10_000, 1))
		Expect(got.WAN.Links).To(HaveKeyWithValue("isp", analyze.Volume{Before: 30_000, During: 80_000, After: 40_000}))
		Expect(got.WAN.Links).To(HaveKeyWithValue("spare", analyze.Volume{During: 80_000}))
		Expect(got.Reasons).To(ContainElement("wan bytes 19.5 KiB/s > 14.6 KiB/s"))
	})

	It("are deterministic for any number of links", func() {
		t := synthetic(always(fine))
		for link, bytes := range map[string]int64{"a": 1, "b": 1e15 + 1, "c": 3, "d": 7, "e": 1e14 + 3} { // the sum of the rates depends on the order
			for i, at := range []time.Duration{s, 4 * s, undoAt, endAt} {
				meter(t, link, at, int64(i)*bytes, 0)
			}
		}
		first := analyze.TrialOf(t).WAN
		for range 50 {
			Expect(analyze.TrialOf(t).WAN).To(Equal(first))
		}
	})

	It("are unknown if a meter was not read in time", func() {
		t := synthetic(always(fine))
		meter(t, "isp", s, 0, 0)
		meter(t, "isp", undoAt, 1, 1)
		Expect(analyze.TrialOf(t).WAN).To(BeNil())
		Expect(analyze.TrialOf(synthetic(always(fine))).WAN).To(BeNil())
	})
})
