package units_test

import (
	"math"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/units"
)

func TestUnits(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "units")
}

var _ = Describe("figures", func() {
	DescribeTable("have three significant digits",
		func(v float64, want string) { Expect(units.Number(v, 3)).To(Equal(want)) },
		Entry(nil, 0.0, "0"), Entry(nil, 0.012345, "0.0123"), Entry(nil, 1.0, "1.00"), Entry(nil, 9.996, "10.0"),
		Entry(nil, 99.95, "100"), Entry(nil, 1234.0, "1230"), Entry(nil, -3.14159, "-3.14"), Entry(nil, math.Inf(1), "–"), Entry(nil, math.NaN(), "–"),
	)
	DescribeTable("take the unit that suits them",
		func(v float64, unit, want string) { Expect(units.Write(v, unit)).To(Equal(want)) },
		Entry(nil, 0.0, "ms", "0 ms"), Entry(nil, 0.0853, "ms", "85.3 µs"), Entry(nil, 0.9996, "ms", "1.00 ms"), Entry(nil, 214.2, "ms", "214 ms"),
		Entry(nil, 999.6, "ms", "1.00 s"), Entry(nil, 3204.0, "ms", "3.20 s"), Entry(nil, 61000.0, "ms", "61.0 s"), Entry(nil, 1.5, "s", "1.50 s"),
		Entry(nil, 812.0, "us", "812 µs"), Entry(nil, 0.0693, "ratio", "6.93 %"), Entry(nil, 3.5, "factor", "3.50×"), Entry(nil, 1.5*(1<<20), "B/s", "1.50 MiB/s"),
		Entry(nil, 1234.0, "count", "1234"), Entry(nil, 45.5, "count", "45.5"), Entry(nil, 6.0, "number", "6.00"),
	)
	DescribeTable("name the unit of a range once if both ends share it",
		func(lo, hi float64, unit, want string) { Expect(units.Span(lo, hi, unit)).To(Equal(want)) },
		Entry(nil, 2720.0, 3480.0, "ms", "2.72–3.48 s"), Entry(nil, 214.0, 3200.0, "ms", "214 ms–3.20 s"), Entry(nil, 0.0, 3200.0, "ms", "0–3.20 s"),
		Entry(nil, 0.1, 0.2, "ratio", "10.0–20.0 %"), Entry(nil, 0.0, 0.2, "ratio", "0–20.0 %"), Entry(nil, 1.0, 3.0, "factor", "1.00–3.00×"), Entry(nil, 1.0, 12.0, "count", "1–12"),
	)
	DescribeTable("show their uncertainty",
		func(v, lo, hi float64, unit, want string) {
			Expect(units.Uncertain(v, lo, hi, unit)).To(Equal(want))
		},
		Entry(nil, 3394.0, 3386.0, 3401.0, "ms", "3.394 s ± 8.0 ms"), Entry(nil, 4995.0, 4983.0, 5000.0, "ms", "4.995 s ± 12 ms"),
		Entry(nil, 13100.0, 12800.0, 13100.0, "ms", "13.10 s ± 300 ms"), Entry(nil, 214.0, 212.0, 215.0, "ms", "214 ms ± 2.0 ms"),
		Entry(nil, 1.5, 1.4, 1.6, "s", "1.50 s ± 100 ms"), Entry(nil, 0.0, 0.0, 5.0, "ms", "0 ms ± 5.0 ms"),
		Entry("exact", 3394.0, 3394.0, 3394.0, "ms", "3.39 s"), Entry("an uncertainty too small to show", 0.5, 0.49999, 0.50001, "ratio", "50.0 %"),
		Entry("a share", 0.5, 0.48, 0.5, "ratio", "50.0 % ± 2.0 %"), Entry("no end", 12.0, 12.0, math.Inf(1), "ms", "at least 12.0 ms"),
	)
})
