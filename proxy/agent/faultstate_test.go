package agent

import (
	"errors"
	"fmt"
	"math/rand/v2"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the state of a fault", func() {
	It("goes absent, injecting, active, recovering, absent", func() {
		f := faultStates{}
		for _, to := range []faultState{injecting, active, recovering, absent, injecting} {
			Expect(f.move("f1", to)).To(Succeed())
		}
	})

	DescribeTable("refuses illegal transitions and keeps the state",
		func(at []faultState, to faultState, message string) {
			f := faultStates{}
			for _, s := range at {
				Expect(f.move("f1", s)).To(Succeed())
			}
			before := f["f1"]
			Expect(f.move("f1", to)).To(MatchError(message))
			Expect(f["f1"]).To(Equal(before))
		},
		Entry("recover without injection", nil, recovering, "fault f1 is absent: it cannot become recovering"),
		Entry("inject twice", []faultState{injecting, active}, injecting, "fault f1 is active: it cannot become injecting"),
		Entry("skip the injection", nil, active, "fault f1 is absent: it cannot become active"),
		Entry("recover after a failed step", []faultState{injecting, broken}, recovering, "fault f1 is broken: it cannot become recovering"),
	)

	It("is broken after a failed step, whose error it gives", func() {
		f := faultStates{}
		Expect(f.move("f1", injecting)).To(Succeed())
		why := errors.New("no proof")
		Expect(f.settle("f1", active, why)).To(MatchError(why))
		Expect(f["f1"]).To(Equal(broken))
	})

	It("is always legal in 10,000 random moves of three faults", func() {
		rng := rand.New(rand.NewPCG(1, 2))
		f, model := faultStates{}, map[string]faultState{}
		for range 10_000 {
			id, to := fmt.Sprintf("f%d", rng.IntN(3)), faultState(rng.IntN(5))
			allowed := false
			for _, next := range legal[model[id]] {
				allowed = allowed || next == to
			}
			Expect(f.move(id, to) == nil).To(Equal(allowed), "%s: %s to %s", id, model[id], to)
			if allowed {
				model[id] = to
			}
			if model[id] == broken { // final: start again
				delete(f, id)
				delete(model, id)
			}
			Expect(f[id]).To(Equal(model[id]))
		}
	})
})
