package main

import (
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reports/analyze"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/fault"
	"github.com/seed-ab8b6914/spof/sim/trace"
)

var _ = Describe("the reference of faults", func() {
	accepts := func(fault string) bool {
		_, err := scenarios.Read("fault.yaml", []byte("scenario: fault\nload: {rate: 100/s}\nphases: {baseline: 3s, fault: 20s, recovery: 3s}\n"+
			"expect: {failover: \"<= 5s\"}\nfaults:\n  - {"+fault+"}\n"), analyze.Expectable())

		return err == nil
	}
	whole := func(f listedFault) string {
		text := "kind: " + f.Name + ", target: all"
		for _, p := range f.Parameters {
			text += ", " + p.Name + ": " + p.Example
		}
		return text
	}

	It("has every kind of fault", func() {
		all, err := list()
		Expect(err).NotTo(HaveOccurred())
		count := 0
		for _, f := range all.Faults {
			Expect(accepts(whole(f))).To(Equal(len(f.Roles) > 0), f.Name)
			if len(f.Roles) > 0 {
				count++
			}
		}
		Expect(fault.Kinds()).To(HaveLen(count), "each with its support by the runtimes")
		for _, name := range scenarios.Library() {
			s, err := scenarios.Open(name, analyze.Expectable())
			Expect(err).NotTo(HaveOccurred())
			for _, f := range s.Faults {
				Expect(slices.ContainsFunc(all.Faults, func(l listedFault) bool { return l.Name == string(f.Kind) && len(l.Roles) > 0 })).To(BeTrue(), string(f.Kind))
			}
		}
	})

	It("has the roles and parameters that a scenario accepts, and no other", func() {
		parameters := map[string]string{}
		roles := map[string]bool{}
		for _, k := range fault.Reference() {
			f := reference(k)
			for _, p := range f.Parameters {
				parameters[p.Name] = p.Example
			}
			for _, role := range f.Roles {
				roles[role] = true
			}
		}
		for _, k := range fault.Reference() {
			f := reference(k)
			for role := range roles {
				Expect(accepts(whole(f)+", role: "+role)).To(Equal(slices.Contains(f.Roles, role)), "%s, role %s", f.Name, role)
			}
			for name, example := range parameters {
				if !slices.ContainsFunc(f.Parameters, func(p listedParameter) bool { return p.Name == name }) {
					Expect(accepts(whole(f)+", "+name+": "+example)).To(BeFalse(), "%s, %s", f.Name, name)
				}
			}
			for _, p := range f.Parameters {
				if p.Default == "" {
					Expect(accepts(strings.Replace(whole(f), ", "+p.Name+": "+p.Example, "", 1))).To(BeFalse(), "%s without %s", f.Name, p.Name)
				}
			}
		}
	})

	It("describes the fidelity of each on each runtime", func() {
		all, err := list()
		Expect(err).NotTo(HaveOccurred())
		for _, f := range all.Faults {
			for _, rt := range runtimeNames {
				if f.Support[rt].Level != trace.Unsupported {
					Expect(f.Support[rt].How).NotTo(BeEmpty(), f.Name+" on "+rt)
				}
			}
		}
	})
})
