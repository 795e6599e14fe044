package agent

import (
	"context"
	"io"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/proxy"
)

var _ = Describe("the executors", func() {
	It("carry every kind out and undo it", func() {
		h := newHost(context.Background(), Options{Log: io.Discard}, func(proxy.Event) {})
		for kind, of := range executors {
			e := of(h)
			Expect([]bool{e.inject != nil, e.recover != nil}).To(Equal([]bool{true, true}), string(kind))
		}
	})
	DescribeTable("bound their steps", func(kind proxy.FaultKind, injects bool, want time.Duration) {
		s := newService(proxy.Process{StopsIn: time.Hour}, Options{Log: io.Discard}, nil, func(proxy.Event) {})
		Expect(executors[kind](nil).bound(s, injects)).To(Equal(want))
		Expect(executors[kind](nil).bound(nil, injects)).To(BeNumerically("<=", want), "on no service")
	},
		Entry("by the time of a proof", proxy.Crash, true, effectWithin),
		Entry("by the time of a boot, when they undo", proxy.Crash, false, recoverWithin),
		Entry("by more where the proof takes more", proxy.WANDegrade, true, degradeWithin),
		Entry("but do not undo for longer for that", proxy.WANDegrade, false, recoverWithin),
		Entry("by the service's own time to end besides", proxy.RollingRestart, true, recoverWithin+time.Hour),
		Entry("also where it loses its store", proxy.ColdCache, true, recoverWithin+time.Hour),
	)
})
