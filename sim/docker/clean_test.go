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
)

var _ = Describe("labs of an engine", func() {
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	old := now.Add(-2 * orphanAge)
	box := func(lab string, made time.Time, state container.ContainerState) container.Summary {
		return container.Summary{Labels: map[string]string{LabelLab: lab}, Created: made.Unix(), State: state}
	}
	net := func(lab string, made time.Time) network.Summary {
		return network.Summary{Network: network.Network{Labels: map[string]string{LabelLab: lab}, Created: made}}
	}
	nobody := func(string) bool { return false }
	DescribeTable("are dead if nothing of them runs and nothing is new",
		func(cs []container.Summary, ns []network.Summary, want []string) {
			var dead []string
			for _, l := range labsOf(now, cs, ns, nobody) {
				if l.Dead {
					dead = append(dead, l.ID)
				}
			}
			Expect(dead).To(Equal(want))
		},
		Entry("nothing there", nil, nil, nil),
		Entry("networks whose containers' leases have ended", nil, []network.Summary{net("x", old), net("x", old)}, []string{"x"}),
		Entry("a container that was never started", []container.Summary{box("x", old, container.StateCreated)}, nil, []string{"x"}),
		Entry("not a lab that runs", []container.Summary{box("x", old, container.StateRunning), box("x", old, container.StateCreated)},
			[]network.Summary{net("x", old)}, nil),
		Entry("not a lab that is coming up", []container.Summary{box("x", now, container.StateCreated)}, []network.Summary{net("x", old)}, nil),
		Entry("each for itself", []container.Summary{box("b", old, container.StateRunning)},
			[]network.Summary{net("c", old), net("b", old), net("a", old), net("d", now)}, []string{"a", "c"}),
		Entry("none of somebody else's", []container.Summary{{Created: old.Unix()}}, []network.Summary{{Network: network.Network{Created: old}}}, nil),
	)

	It("are dead at once where their process is known to have ended, but for what still runs", func() {
		young := net("x", now)
		young.Labels[LabelProcess] = "boot/pid:[1]/17/42"
		ended := func(process string) bool { return process == "boot/pid:[1]/17/42" }
		Expect(labsOf(now, nil, []network.Summary{young}, ended)).To(ConsistOf(And(HaveField("Orphan", true), HaveField("Dead", true))))
		still := box("x", now, container.StateRunning)
		Expect(labsOf(now, []container.Summary{still}, []network.Summary{young}, nobody)).To(ConsistOf(And(HaveField("Orphan", false), HaveField("Dead", false))))
		still.Labels = young.Labels
		Expect(labsOf(now, []container.Summary{still}, []network.Summary{young}, ended)).To(ConsistOf(And(HaveField("Orphan", true), HaveField("Dead", false))))
	})

	It("say whose they are, and since when", func() {
		made := box("x", old, container.StateRunning)
		made.Labels[LabelUser], made.Labels[LabelCommand], made.Labels[LabelPID] = "ann", "spof run drill.yaml", "17"
		Expect(labsOf(now, []container.Summary{made}, []network.Summary{net("x", old.Add(-time.Second))}, nobody)).To(HaveExactElements(Lab{
			ID: "x", User: "ann", Command: "spof run drill.yaml", PID: "17", Since: old.Add(-time.Second),
		}))
	})
})

var _ = Describe("removing", func() {
	It("tries every one, one after another, and takes what is already gone for removed", func() {
		broken := errors.New("broken")
		var atOnce atomic.Int32
		removed, err := each("thing", []int{3, 2, 1, 4}, func(i int) string { return fmt.Sprint(i) }, func(i int) error {
			Expect(atOnce.Add(1)).To(BeEquivalentTo(1), "an engine may hang where several go at the same time")
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
		Expect(err).To(MatchError(broken))
		Expect(err).To(MatchError(ContainSubstring("removing thing 2")))
	})
})
