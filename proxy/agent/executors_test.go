package agent

import (
	"context"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("the executors", func() {
	It("execute and undo every kind", func() {
		source, err := os.ReadFile("../faultkind.go")
		Expect(err).NotTo(HaveOccurred())
		var kinds []proxy.FaultKind
		for _, m := range regexp.MustCompile(`FaultKind = "([a-z-]+)"`).FindAllStringSubmatch(string(source), -1) {
			kinds = append(kinds, proxy.FaultKind(m[1]))
		}
		Expect(slices.Collect(maps.Keys(executors))).To(ConsistOf(kinds))
		h := newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		for kind, of := range executors {
			e := of(h)
			Expect([]bool{e.inject != nil, e.recover != nil}).To(Equal([]bool{true, true}), string(kind))
		}
	})
	DescribeTable("bound their steps", func(kind proxy.FaultKind, injects bool, want time.Duration) {
		s := newService(proxy.Process{StopsIn: time.Hour}, Options{Log: io.Discard}, nil, func(proxy.Event) {})
		Expect(executors[kind](nil).bound(s, injects)).To(Equal(want))
		Expect(executors[kind](nil).bound(nil, injects)).To(BeNumerically("<=", want), "without a service")
	},
		Entry("by effectWithin", proxy.Crash, true, effectWithin),
		Entry("by recoverWithin for the recovery", proxy.Crash, false, recoverWithin),
		Entry("by more if the proof takes longer", proxy.WANDegrade, true, degradeWithin),
		Entry("which does not lengthen the recovery", proxy.WANDegrade, false, recoverWithin),
		Entry("plus the service's StopsIn", proxy.RollingRestart, true, recoverWithin+time.Hour),
		Entry("plus StopsIn for a cold cache", proxy.ColdCache, true, recoverWithin+time.Hour),
	)
})
