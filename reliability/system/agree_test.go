//go:build !race

// This spec draws thousands of years of every design: the race detector finds nothing in them, and takes 20 times as long.

package system_test

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reliability/component"
	laws "github.com/seed-ab8b6914/spof/reliability/dist"
	"github.com/seed-ab8b6914/spof/reliability/lifetime"
	"github.com/seed-ab8b6914/spof/reliability/system"
	"github.com/seed-ab8b6914/spof/topology"
)

// lively is a table in which everything happens often, with the distributions of the field: failures that come early, failures of age,
// repairs with a long tail.
const lively = `
  node: {failure: weibull shape=0.8 mean=300h, repair: lognormal mean=12h sigma=1, beta: 10%}
  system: {failure: exponential mean=400h, repair: fixed 30m, beta: 5%}
  proxy: {failure: exponential mean=500h, repair: lognormal mean=2h sigma=1.2, beta: 10%}
  balancer: {failure: weibull shape=1.5 mean=500h, repair: empirical 1h 1h 10h, beta: 10%}
  dns: {failure: exponential mean=500h, repair: exponential mean=3h, beta: 10%}
  vrrp: {failure: exponential mean=600h, repair: uniform from=1h to=3h, beta: 10%}
  wan: {failure: exponential mean=700h, repair: lognormal median=5h p90=20h}
  mains: {failure: exponential mean=300h, repair: lognormal mean=4.53h sigma=1.2}
  zone: {failure: exponential mean=900h, repair: fixed 20h}
`

var _ = Describe("the lifetimes of a system", func() {
	It("agree with the exact figures, of every bundled design, with the library and with general distributions", func() {
		often, err := component.Library().Override("lively", []byte("kinds:"+lively))
		Expect(err).NotTo(HaveOccurred())
		Expect(len(topology.Designs())).To(BeNumerically(">=", 23))
		for i, name := range topology.Designs() {
			for k, t := range []component.Table{component.Library(), often} {
				s := of(name, t)
				r := lives(s, system.Life{Outage: waiting("empirical 1s 1s 10s")}, []float64{4000, 600}[k], lifetime.Options{Seed: uint64(i)})
				wait := switching(s, 4.0/3600)
				got, exact, moved := r.Total.Unserved.Wide(), s.UserUnavailability()*laws.Year+wait, caused(r, system.CauseFailover).Unserved.Wide()
				GinkgoWriter.Printf("%-20s %8.4f of %8.4f (%.4f to %.4f) %.5f of %.5f (%.5f to %.5f)\n", name, got.Value, exact, got.Lo, got.Hi, moved.Value, wait, moved.Lo, moved.Hi)
				Expect(got.Contains(exact)).To(BeTrue(), fmt.Sprint(name, " ", k, ": ", exact, got))
				Expect(got.Hi/got.Lo).To(BeNumerically("<", 2), name+": the interval says something")
				if k == 0 { // where two losses at once are rare: of these the exact figure counts both failovers
					Expect(moved.Contains(wait)).To(BeTrue(), fmt.Sprint(name, " failovers: ", wait, moved))
				}
				Expect(r.Total.Lost).To(Equal(r.Total.Unserved), "demand is flat")
			}
		}
	})
})
