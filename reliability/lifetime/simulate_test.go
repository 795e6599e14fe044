package lifetime_test

import (
	"encoding/json"
	"fmt"
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
)

func ExampleSimulate() {
	node := func(name string) lifetime.Component {
		return lifetime.Component{Name: name, Cause: "node", Fails: law("exponential mean=2000h"), Repair: law("lognormal median=2h p90=10h")}
	}
	works := func(i int) lifetime.Member {
		return lifetime.Member{Name: fmt.Sprint(i), Works: func(up lifetime.State) bool { return up.Up(i) }}
	}
	r, err := lifetime.Simulate(&lifetime.Model{
		Components: []lifetime.Component{node("a"), node("b")},
		Capacity: func(up lifetime.State) float64 {
			if up.Up(0) || up.Up(1) {
				return 1
			}
			return 0
		},
		Switches: []lifetime.Switch{{
			Name: "vip", Members: []lifetime.Member{works(0), works(1)}, Outage: law("empirical 3.2s 3.4s 3.6s 14s"), Ineffective: 0.33,
		}},
	}, lifetime.Options{Years: 10_000, Seed: 1, Workers: 2})
	if err != nil {
		panic(err)
	}
	for _, l := range r.Causes[1:] {
		fmt.Printf("%-22s %6.3f h a year (%.3f to %.3f)\n", l.Cause, l.Hours.Value, l.Hours.Lo, l.Hours.Hi)
	}
	// Output:
	// node                    0.029 h a year (0.021 to 0.041)
	// failover of vip         0.005 h a year (0.005 to 0.005)
	// failed failover of vip  6.519 h a year (6.294 to 6.792)
}

var _ = Describe("the result", func() {
	bytes := func(m *lifetime.Model, o lifetime.Options) string {
		GinkgoHelper()
		text, err := json.Marshal(simulate(m, o))
		Expect(err).NotTo(HaveOccurred())
		return string(text)
	}

	It("does not depend on the number of workers", func() {
		g := group{1, 3, 1, 500, 24}
		splitting := &lifetime.Splitting{Level: g.failed, Copies: []int{5, 5}}
		for _, of := range []func(workers int) string{
			func(n int) string { return bytes(site(), lifetime.Options{Years: 1300, Seed: 9, Workers: n}) },
			func(n int) string {
				return bytes(g.model(), lifetime.Options{Years: 700, Seed: 9, Workers: n, Splitting: splitting})
			},
		} {
			one := of(1)
			Expect([]string{of(2), of(8), of(0)}).To(HaveEach(one))
		}
		Expect(bytes(site(), lifetime.Options{Years: 1300, Seed: 10})).NotTo(Equal(bytes(site(), lifetime.Options{Years: 1300, Seed: 9})))
	})

	It("sums up over the causes", func() {
		r := simulate(site(), lifetime.Options{Years: 2000, Seed: 4, Workers: 2})
		var down, lost, outages float64
		for _, l := range r.Causes {
			down, lost, outages = down+l.Hours.Value, lost+l.Lost.Value, outages+l.Outages.Value
			Expect(l.Hours.Lo).To(BeNumerically("<=", l.Hours.Value), l.Cause)
			Expect(l.Hours.Hi).To(BeNumerically(">=", l.Hours.Value), l.Cause)
		}
		Expect(down).To(BeNumerically("~", r.Total.Hours.Value, 1e-9))
		Expect(lost).To(BeNumerically("~", r.Total.Lost.Value, 1e-9))
		Expect(outages).To(BeNumerically("~", r.Total.Outages.Value, 1e-9))
		Expect(r.Total.Outages.Value).To(BeNumerically(">", 1))
	})

	It("books what is lost by design, and what a partial failure takes", func() {
		m := year(0, once("a", "5000h", "100h"), once("b", "5050h", "100h"))
		m.Capacity = func(up lifetime.State) float64 { return 0.8 - 0.5*(1-needs(0)(up)) - 0.2*(1-needs(1)(up)) }
		m.Enough = 0.25
		r := simulate(m, lifetime.Options{Years: 1})
		Expect(cause(r, "design").Lost.Value).To(BeNumerically("~", 0.2*dist.Year, 1e-6))
		Expect(cause(r, "a").Hours.Value).To(BeZero(), "0.3 is enough")
		Expect(cause(r, "b").Hours.Value).To(BeNumerically("~", 50, 1e-9), "0.1 is not")
		Expect(cause(r, "a").Lost.Value + cause(r, "b").Lost.Value).To(BeNumerically("~", 70, 1e-6))
	})
})

var _ = Describe("an interval", func() {
	// The exact Poisson interval at 95 %: scipy 1.10.1, chi2.ppf(0.025, 2*5)/2 and chi2.ppf(0.975, 2*5+2)/2 (Garwood 1936).
	It("is exact for rare events", func() {
		five := lifetime.MeanOf(5, 1e9)
		Expect([]float64{five.Lo * 1e9, five.Hi * 1e9}).To(HaveExactElements(BeNumerically("~", 1.6235, 1e-3), BeNumerically("~", 11.6683, 1e-3)))
		none := lifetime.MeanOf(0, 1e9)
		Expect([]float64{none.Lo, none.Value, none.Hi * 1e9}).To(HaveExactElements(BeZero(), BeZero(), BeNumerically("~", 3.6889, 1e-3)))
	})

	It("is normal for many values", func() {
		half := lifetime.MeanOf(500_000, 500_000)
		Expect([]float64{half.Lo, half.Hi}).To(HaveExactElements(BeNumerically("~", 0.49902, 1e-5), BeNumerically("~", 0.50098, 1e-5)))
		Expect(lifetime.MeanOf(500, 0).Hi).To(BeNumerically("<", 1.01), "all values are equal")
	})

	It("of a quantile has its ranks", func() {
		values := make([]float64, 1000)
		for i := range values {
			values[i] = float64(i)
		}
		q := lifetime.QuantileOf(0.5, values...).Hours
		Expect([]float64{q.Lo, q.Value, q.Hi}).To(HaveExactElements(BeNumerically("~", 468, 3), BeNumerically("~", 499, 3), BeNumerically("~", 531, 3)))
		Expect(lifetime.QuantileOf(0.999, 1, 2, 3).Hours.Hi).To(Equal(dist.Year), "three years do not claim it")
		Expect(lifetime.QuantileOf(0.5, 0, 0, 0).Hours.Value).To(BeZero())
		Expect(lifetime.QuantileOf(0.5, 1e-9, 1e9).Hours.Value).To(BeZero())
	})
})

var _ = Describe("a model", func() {
	DescribeTable("is refused", func(spoil func(*lifetime.Model), code string) {
		m := pair(lifetime.Switch{}, once("a", "1h", "1h"), once("b", "1h", "1h"))
		spoil(m)
		_, err := lifetime.Simulate(m, lifetime.Options{Years: 1})
		Expect(reason.Codes(err)).To(Equal([]string{code}))
	},
		Entry("without components", func(m *lifetime.Model) { *m = lifetime.Model{Capacity: needs()} }, "lifetime-value"),
		Entry("without a capacity", func(m *lifetime.Model) { m.Capacity = nil }, "lifetime-value"),
		Entry("with two of a name", func(m *lifetime.Model) { m.Components[1].Name = "a" }, "lifetime-name"),
		Entry("with an unknown crew", func(m *lifetime.Model) { m.Components[1].Crew = "x" }, "lifetime-name"),
		Entry("with an unknown stock", func(m *lifetime.Model) { m.Components[1].Stock = "x" }, "lifetime-name"),
		Entry("with a crew of nobody", func(m *lifetime.Model) { m.Crews = []lifetime.Crew{{}} }, "lifetime-value"),
		Entry("with a negative stock", func(m *lifetime.Model) { m.Stocks = []lifetime.Stock{{Parts: -1}} }, "lifetime-value"),
		Entry("with failures all the time", func(m *lifetime.Model) { m.Components[0].Fails = law("fixed 0h") }, "lifetime-value"),
		Entry("with an age that cannot be kept", func(m *lifetime.Model) { m.Components[0].KeepsAge = true }, "lifetime-value"),
		Entry("with a probability above 1", func(m *lifetime.Model) { m.Switches[0].Ineffective = 1.1 }, "lifetime-value"),
		Entry("with a share that is no number", func(m *lifetime.Model) { m.Switches[0].Share = math.NaN() }, "lifetime-value"),
		Entry("with a member without a function", func(m *lifetime.Model) { m.Switches[0].Members[0].Works = nil }, "lifetime-value"),
		Entry("with a standby without a need", func(m *lifetime.Model) { m.Components[0].Standby = &lifetime.Standby{} }, "lifetime-value"),
		Entry("with a standby that fails endlessly in no time", func(m *lifetime.Model) {
			m.Components[0].Standby, m.Components[0].Repair = &lifetime.Standby{Needed: func(lifetime.State) bool { return true }, StartFails: 1}, law("fixed 0s")
		}, "lifetime-value"),
		Entry("with a shock of nobody", func(m *lifetime.Model) { m.Shocks = []lifetime.Shock{{Hits: []string{"x"}}} }, "lifetime-name"),
		Entry("with a window without a length", func(m *lifetime.Model) { m.Windows = []lifetime.Window{{Weeks: 1}} }, "lifetime-value"),
		Entry("without demand", func(m *lifetime.Model) { m.Demand = &lifetime.Week{} }, "lifetime-value"),
		Entry("with a rate of shocks of 0", func(m *lifetime.Model) {
			m.Shocks = []lifetime.Shock{{Every: law("fixed 1h"), When: &lifetime.Week{}}}
		}, "lifetime-value"),
		Entry("with an endless life", func(m *lifetime.Model) { m.Life = math.Inf(1) }, "lifetime-value"),
		Entry("with a capacity that is always enough", func(m *lifetime.Model) { m.Enough = 2 }, "lifetime-value"),
	)

	DescribeTable("is not simulated for", func(o lifetime.Options) {
		_, err := lifetime.Simulate(year(0, once("a", "1h", "1h")), o)
		Expect(reason.Codes(err)).To(Equal([]string{"lifetime-value"}))
	},
		Entry("no years", lifetime.Options{}),
		Entry("years that are no number", lifetime.Options{Years: math.NaN()}),
		Entry("more years than anybody waits for", lifetime.Options{Years: 1e12}),
		Entry("a splitting without copies", lifetime.Options{Years: 1, Splitting: &lifetime.Splitting{}}),
		Entry("no copies of a level", lifetime.Options{Years: 1, Splitting: &lifetime.Splitting{Level: group{n: 1}.failed, Copies: []int{0}}}),
	)
})
