package main

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/reports/capacity"
)

var _ = DescribeTable("a gate of spof capacity", func(text string, want capacity.Gate) {
	got, err := gateOf(text, 0.5)
	if want.State == "" {
		Expect(reason.Codes(err)).To(Equal([]string{"flag-value"}))
		return
	}
	Expect(err).NotTo(HaveOccurred())
	Expect(got).To(Equal(want))
},
	Entry("is a rate", "n-1=200/s", capacity.Gate{State: "n-1", AtLeast: 200}),
	Entry("is a number of users", "backup-wan=40users", capacity.Gate{State: "backup-wan", AtLeast: 20}),
	Entry("counts for the whole design without a state", "2.5/s", capacity.Gate{State: "whole", AtLeast: 2.5}),
	Entry("needs a unit", "200", capacity.Gate{}),
	Entry("is not 0", "0/s", capacity.Gate{}),
	Entry("is a number", "NaN/s", capacity.Gate{}),
	Entry("is bounded", "200001users", capacity.Gate{}),
	Entry("is not endless", "Inf/s", capacity.Gate{}),
)

func FuzzGate(f *testing.F) {
	f.Add("n-1=200/s", 1.0)
	f.Add("40users", 0.5)
	f.Add("whole=1e308users", 1e-308)
	f.Fuzz(func(t *testing.T, text string, perUser float64) {
		g, err := gateOf(text, perUser)
		if err == nil && !(g.AtLeast > 0 && g.AtLeast <= highestRate) {
			t.Fatalf("%q at %g gives %g/s", text, perUser, g.AtLeast)
		}
	})
}
