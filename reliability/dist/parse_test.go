package dist_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/dist"
)

func ExampleParse() {
	repair, err := dist.Parse("lognormal median=10h p90=71h")
	if err != nil {
		panic(err)
	}
	fmt.Printf("mean %.1f h, median %.1f h, one in a thousand takes more than %.0f h\n", repair.Mean(), repair.Quantile(0.5), repair.Draw(0.001))
	// Output: mean 32.2 h, median 10.0 h, one in a thousand takes more than 1129 h
}

var _ = Describe("the text of a distribution", func() {
	DescribeTable("is written in the form that is read", func(text, written string) { Expect(must(text).String()).To(Equal(written)) },
		Entry(nil, "exponential mean=4000h", "exponential mean=4000h"),
		Entry(nil, "  weibull  mean=43800h shape=0.7 ", "weibull shape=0.7 mean=5y"),
		Entry(nil, "lognormal sigma=0 mean=36h", "lognormal mean=36h sigma=0"),
		Entry(nil, "fixed 0s", "fixed 0y"),
		Entry(nil, "empirical 1h30m 36s", "empirical 0.01h 1.5h"),
		Entry(nil, "uniform to=4h from=90m", "uniform from=1.5h to=4h"),
		Entry(nil, "never", "never"),
	)

	DescribeTable("gives hours of a time", func(text string, hours float64) { Expect(dist.Hours(text)).To(Equal(hours)) },
		Entry(nil, "5y", 43800.0), Entry(nil, "1.5d", 36.0), Entry(nil, "10000000h", 1e7), Entry(nil, "1h30m", 1.5), Entry(nil, "36s", 0.01),
		Entry(nil, "0s", 0.0),
	)

	DescribeTable("is refused", func(text, code string) {
		_, err := dist.Parse(text)
		Expect(reason.Codes(err)).To(Equal([]string{code}), text)
	},
		Entry("nothing", " ", "distribution-unknown"),
		Entry("another name", "gamma shape=2 mean=4h", "distribution-unknown"),
		Entry("a time alone", "4h", "distribution-unknown"),
		Entry("a parameter is missing", "weibull mean=4h", "distribution-parameter"),
		Entry("a parameter too many", "exponential mean=4h shape=1", "distribution-parameter"),
		Entry("a parameter twice", "exponential mean=4h mean=5h", "distribution-parameter"),
		Entry("no value", "exponential mean=", "distribution-parameter"),
		Entry("no name", "exponential 4h", "distribution-parameter"),
		Entry("parameters of what never happens", "never mean=4h", "distribution-parameter"),
		Entry("two fixed times", "fixed 1s 2s", "distribution-parameter"),
		Entry("no unit", "exponential mean=4", "distribution-value"),
		Entry("zero without a unit", "fixed 0", "distribution-value"),
		Entry("another unit", "exponential mean=4w", "distribution-value"),
		Entry("a negative time", "fixed -1s", "distribution-value"),
		Entry("no finite time", "exponential mean=infy", "distribution-value"),
		Entry("too many years", "exponential mean=1e308y", "distribution-value"),
		Entry("not a number", "exponential mean=nanh", "distribution-value"),
		Entry("a shape that is no number", "weibull shape=4h mean=4h", "distribution-value"),
		Entry("a mean of 0", "exponential mean=0h", "distribution-value"),
		Entry("no sample", "empirical", "distribution-value"),
	)
})

// FuzzParse reads random texts. What is read has a mean, and its own text gives it again.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"exponential mean=4000h", "weibull shape=0.7 mean=5y", "lognormal mean=10h sigma=1.2", "lognormal median=10h p90=71h", "fixed 30s",
		"empirical 2.1s 2.4s 40s", "uniform from=2s to=4s", "never", "exponential mean=1e-320h", "weibull shape=0x1p-1 mean=1e300y",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fuzzcost.Bound(t)
		RegisterTestingT(t)
		d, err := dist.Parse(text)
		if err != nil {
			Expect(reason.Codes(err)).To(HaveLen(1))
			return
		}
		Expect(d.Mean()).To(BeNumerically(">=", 0))
		again, err := dist.Parse(d.String())
		Expect(err).NotTo(HaveOccurred())
		Expect(again.String()).To(Equal(d.String()))
		Expect([]float64{d.Draw(1), d.Draw(0.5), d.Draw(1e-16), d.Quantile(0), d.Quantile(0.5)}).To(HaveEach(BeNumerically(">=", 0)))
	})
}
