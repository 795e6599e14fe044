package sim

import (
	"context"
	"errors"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/plan"
)

var _ = Describe("the capacity of a machine", func() {
	ctx := context.Background()
	plan := func(rate float64, factor float64) plan.Plan {
		p := plan.Plan{Scenario: scenarios.Scenario{Load: scenarios.Load{Rate: rate}}}
		p.Faults = []plan.Fault{{}}
		p.Faults[0].Factor = factor
		return p
	}

	It("gives a trial its peak load, at most the whole capacity", func() {
		r := NewCapacity(200)
		Expect(r.Share(plan(49.5, 0))).To(BeEquivalentTo(50))
		Expect(r.Share(plan(50, 3))).To(BeEquivalentTo(150))
		Expect(r.Share(plan(400, 0))).To(BeEquivalentTo(200))
	})

	It("is FIFO: a request for all of it waits until all of it is free, and later requests wait behind it", func() {
		r := NewCapacity(100)
		first, err := r.enter(ctx, 50)
		Expect(err).NotTo(HaveOccurred())
		alone, small := make(chan func()), make(chan func())
		go func() { leave, _ := r.alone(ctx); alone <- leave }()
		Eventually(func() bool { // until it is in the queue
			free := r.left.TryAcquire(1)
			if free {
				r.left.Release(1)
			}
			return free
		}).Should(BeFalse())
		go func() { leave, _ := r.enter(ctx, 50); small <- leave }()
		Consistently(alone, "50ms").ShouldNot(Receive())
		first()
		var leave func()
		Eventually(alone).Should(Receive(&leave))
		Consistently(small, "50ms").ShouldNot(Receive())
		leave()
		Eventually(small).Should(Receive())
	})

	It("removes ended labs when all of it is taken, and when it is cleared", func() {
		r, away := NewCapacity(100), 0
		r.end(func() { away++ })
		leave, err := r.enter(ctx, 50)
		Expect(err).NotTo(HaveOccurred())
		Expect(away).To(BeZero())
		leave()
		_, err = r.alone(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(away).To(Equal(1))
		r.end(func() { away++ })
		r.Clear()
		r.Clear()
		Expect(away).To(Equal(2))
	})

	It("is not given after the run was interrupted", func() {
		r := NewCapacity(100)
		_, err := r.enter(ctx, 100)
		Expect(err).NotTo(HaveOccurred())
		cause := errors.New("interrupted")
		cut, cancel := context.WithCancelCause(ctx)
		cancel(cause)
		_, err = r.alone(cut)
		Expect(err).To(MatchError(cause))
	})

	It("has no bounds if it is nil", func() {
		var r *Capacity
		leave, err := r.alone(ctx)
		Expect(err).NotTo(HaveOccurred())
		leave()
		away := 0
		r.end(func() { away++ })
		Expect(away).To(Equal(1))
		Expect(r.Share(plan(100, 0))).To(BeZero())
		r.Clear()
	})
})
