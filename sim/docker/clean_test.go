package docker

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
)

var _ = Describe("the labs of an engine", func() {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	old := now.Add(-2 * orphanAge)
	box := func(lab string, made time.Time, state container.ContainerState) container.Summary {
		return container.Summary{Labels: map[string]string{LabelLab: lab}, Created: made.Unix(), State: state}
	}
	net := func(lab string, made time.Time) network.Summary {
		return network.Summary{Network: network.Network{Labels: map[string]string{LabelLab: lab}, Created: made}}
	}
	unknown := func(string) bool { return false }
	DescribeTable("are dead if no container runs and everything is old",
		func(cs []container.Summary, ns []network.Summary, want []string) {
			var dead []string
			for _, l := range labsOf(now, cs, ns, unknown) {
				if l.Dead {
					dead = append(dead, l.ID)
				}
			}
			Expect(dead).To(Equal(want))
		},
		Entry("no lab", nil, nil, nil),
		Entry("dead: networks without containers", nil, []network.Summary{net("x", old), net("x", old)}, []string{"x"}),
		Entry("dead: a container that was never started", []container.Summary{box("x", old, container.StateCreated)}, nil, []string{"x"}),
		Entry("alive: a container runs", []container.Summary{box("x", old, container.StateRunning), box("x", old, container.StateCreated)},
			[]network.Summary{net("x", old)}, nil),
		Entry("alive: a container is new", []container.Summary{box("x", now, container.StateCreated)}, []network.Summary{net("x", old)}, nil),
		Entry("several labs", []container.Summary{box("b", old, container.StateRunning)},
			[]network.Summary{net("c", old), net("b", old), net("a", old), net("d", now)}, []string{"a", "c"}),
		Entry("containers and networks without the label of a lab", []container.Summary{{Created: old.Unix()}}, []network.Summary{{Network: network.Network{Created: old}}}, nil),
	)

	It("are dead at once if their process has ended, unless a container runs", func() {
		young := net("x", now)
		young.Labels[LabelProcess] = "boot/pid:[1]/17/42"
		ended := func(process string) bool { return process == "boot/pid:[1]/17/42" }
		Expect(labsOf(now, nil, []network.Summary{young}, ended)).To(ConsistOf(And(HaveField("Orphan", true), HaveField("Dead", true))))
		still := box("x", now, container.StateRunning)
		Expect(labsOf(now, []container.Summary{still}, []network.Summary{young}, unknown)).To(ConsistOf(And(HaveField("Orphan", false), HaveField("Dead", false))))
		still.Labels = young.Labels
		Expect(labsOf(now, []container.Summary{still}, []network.Summary{young}, ended)).To(ConsistOf(And(HaveField("Orphan", true), HaveField("Dead", false))))
	})

	It("have an owner and a start", func() {
		made := box("x", old, container.StateRunning)
		made.Labels[LabelUser], made.Labels[LabelCommand], made.Labels[LabelPID] = "ann", "spof run drill.yaml", "17"
		Expect(labsOf(now, []container.Summary{made}, []network.Summary{net("x", old.Add(-time.Second))}, unknown)).To(HaveExactElements(Lab{
			ID: "x", User: "ann", Command: "spof run drill.yaml", PID: "17", Since: old.Add(-time.Second),
		}))
	})
})

var _ = Describe("removing items", func() {
	It("tries every item, one after another, and counts what is already gone as removed", func() {
		broken := errors.New("broken")
		var atOnce atomic.Int32
		removed, err := each("thing", []int{3, 2, 1, 4}, func(i int) string { return fmt.Sprint(i) }, func(i int) error {
			Expect(atOnce.Add(1)).To(BeEquivalentTo(1), "an engine may deadlock when several leave at the same time")
			defer atOnce.Add(-1)
			runtime.Gosched()
			switch i {
			case 2:
				return broken
			case 4:
				return fmt.Errorf("number 4: %w", errdefs.ErrNotFound)
			}
			return nil
		})
		Expect(removed).To(Equal([]string{"thing 1", "thing 3", "thing 4"}))
		Expect(reason.Codes(err)).To(Equal([]string{"not-removed"}))
		Expect(err).To(And(MatchError(broken), MatchError(ContainSubstring("thing 2"))))
	})
})
