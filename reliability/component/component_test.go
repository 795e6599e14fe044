package component_test

import (
	"fmt"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/reliability/component"
)

func TestComponent(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "component")
}

var _ = Describe("the library", func() {
	It("gives every value a source and a certainty, and a whole life to what fails", func() {
		t := component.Library()
		Expect(len(t.Kinds())).To(BeNumerically(">", 20))
		for _, kind := range t.Kinds() {
			r := t.Row(kind, "")
			Expect(r.About).NotTo(BeEmpty(), kind)
			Expect(r.Failure.Known()).To(Equal(r.Repair.Known()), kind)
			Expect(r.Failure.Known() || r.Coverage.Known()).To(BeTrue(), kind)
			Expect(r.Unavailability()).To(BeNumerically("<", 0.05), kind)
		}
		for _, a := range t.Assumptions() {
			Expect(a.Source).NotTo(BeEmpty(), a.Of)
			Expect(a.Certainty).NotTo(Equal(component.Given), a.Of)
		}
	})

	It("knows the unavailability of a WAN link", func() {
		r := component.Library().Row("wan", "wan isp")
		const down = 13.0
		Expect(r.Unavailability()).To(BeNumerically("~", down/(2326+down), 1e-14))
		Expect(r.Frequency()).To(BeNumerically("~", 1/(2326+down), 1e-16))
		days := r.Unavailability() * 365
		Expect(days).To(And(BeNumerically(">", 1.2), BeNumerically("<", 2.7)), "as in Turner et al., SIGCOMM 2010")
	})
})

const own = `kinds:
  wan: {failure: exponential mean=4000h, repair: {value: fixed 8h, certainty: read, source: our contract}}
  address-failover: {coverage: 90%}
components:
  - {of: service proxy-a/squid, failure: weibull shape=0.7 mean=5y, buy: 12.5}
`

var _ = Describe("a user's table", func() {
	It("overrides kinds and components, value by value", func() {
		t, err := component.Library().Override("own.yaml", []byte(own))
		Expect(err).NotTo(HaveOccurred())
		wan := t.Row("wan", "wan isp")
		Expect(wan.Failure.Value.Mean()).To(Equal(4000.0))
		Expect(wan.Failure.Certainty).To(Equal(component.Given))
		Expect(wan.Failure.Source).To(Equal("own.yaml:2:18"))
		Expect(wan.Repair.Source).To(Equal("our contract"))
		Expect(wan.Unavailability()).To(Equal(8.0 * (1 / 4008.0)))
		Expect(wan.Run).To(Equal(component.Library().Row("wan", "").Run))
		Expect(t.Row("address-failover", "").Refusal()).To(BeNumerically("~", 0.1, 1e-12))
		a, b := t.Row("proxy", "service proxy-a/squid"), t.Row("proxy", "service proxy-b/squid")
		Expect(a.Failure.Value.Mean()).To(Equal(43800.0))
		Expect(a.Buy.Value).To(Equal(12.5))
		Expect(b).To(Equal(component.Library().Row("proxy", "")))
		Expect(t.CheckNames([]string{"service proxy-a/squid"})).To(Succeed())
		Expect(t.CheckNames([]string{"service proxy-b/squid"})).To(MatchError(ContainSubstring(`did you mean "service proxy-b/squid"`)))
	})

	It("leaves the table that it overrides as it is", func() {
		t := component.Library()
		_, err := t.Override("own.yaml", []byte(own))
		Expect(err).NotTo(HaveOccurred())
		Expect(t).To(Equal(component.Library()))
	})

	DescribeTable("is refused with the position", func(text, want string) {
		_, err := component.Library().Override("f", []byte(text))
		Expect(err).To(MatchError(ContainSubstring(want)))
	},
		Entry("a negative time", "kinds:\n  wan: {repair: fixed -3h}", "f:2:17: "),
		Entry("a probability above 1", "kinds:\n  wan: {coverage: 120%}", "f:2:19: want a share from 0% to 100%"),
		Entry("a distribution without a mean", "kinds:\n  wan: {repair: never}", "f:2:17: a time that never ends"),
		Entry("a mean of 0", "kinds:\n  wan: {failure: fixed 0s}", "f:2:18: "),
		Entry("no distribution", "kinds:\n  wan: {failure: gamma mean=3h}", "f:2:18: no distribution \"gamma\""),
		Entry("an unknown kind", "kinds:\n  wann: {run: 3}", `f:2:3: unknown kind "wann" (did you mean "wan"?); valid: address-failover, balancer`),
		Entry("an unknown key", "kinds:\n  wan: {mttr: 3h}", "f:2:9: unknown key \"mttr\""),
		Entry("a component without a name", "components:\n  - {buy: 3}", `f:2:5: key "of"`),
		Entry("a value without a source", "kinds:\n  wan: {buy: {value: 3}}", `f:2:14: key "source"`),
		Entry("a certainty of its own", "kinds:\n  wan: {buy: {value: 3, source: x, certainty: sure}}", "f:2:47: unknown value \"sure\"; valid: measured, given"),
		Entry("a negative cost", "kinds:\n  wan: {buy: -3}", "f:2:14: "),
		Entry("an unknown parent", "kinds:\n  wan: {shares: [rack]}", "f:2:18: unknown value \"rack\"; valid: mains, feed"),
	)
})

// FuzzOverride holds that a table that is read has usable numbers, and that no text makes the reader panic.
func FuzzOverride(f *testing.F) {
	f.Add([]byte(own))
	f.Add([]byte("kinds: {wan: {failure: {value: never, source: x}, beta: 3%, shares: [site]}}"))
	library := component.Library()
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		got, err := library.Override("f", data)
		if err != nil {
			return
		}
		for _, kind := range got.Kinds() {
			r := got.Row(kind, "")
			for _, p := range []float64{r.Unavailability(), r.Refusal(), r.Beta.Value} {
				if !(p >= 0 && p <= 1) {
					t.Errorf("%q: %s has the probability %v", data, kind, p)
				}
			}
		}
		got.Assumptions()
	})
}

func ExampleTable_Override() {
	t, err := component.Library().Override("own.yaml", []byte("kinds: {mains: {failure: exponential mean=1y}}"))
	if err != nil {
		panic(err)
	}
	r := t.Row("mains", "mains")
	fmt.Printf("%.1f hours a year\n", r.Unavailability()*8760)
	for _, a := range r.Assumptions("mains")[:2] {
		fmt.Println(a.Value, a.Text, a.Certainty, a.Source)
	}
	// Output:
	// 4.5 hours a year
	// failure exponential mean=1y given own.yaml:1:26
	// repair lognormal mean=4.53h sigma=1.2 derived the same table: CAIDI 271.8 min / 60; sigma is assumed
}
