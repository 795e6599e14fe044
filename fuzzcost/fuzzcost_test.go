package fuzzcost_test

import (
	"fmt"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/fuzzcost"
)

func TestFuzzcost(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "fuzzcost")
}

// execution is a test that keeps its failures.
type execution struct {
	testing.TB
	ends   func()
	failed []string
}

func (e *execution) Cleanup(f func()) { e.ends = f }
func (e *execution) Errorf(text string, a ...any) {
	e.failed = append(e.failed, fmt.Sprintf(text, a...))
}

func processorTime() time.Duration {
	var u unix.Rusage
	Expect(unix.Getrusage(unix.RUSAGE_SELF, &u)).To(Succeed())
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

var kept []byte

var _ = Describe("an execution", func() {
	after := func(work func()) []string {
		e := &execution{TB: GinkgoTB()}
		fuzzcost.Bound(e)
		work()
		e.ends()
		return e.failed
	}

	It("may be cheap", func() { Expect(after(func() {})).To(BeEmpty()) })
	It("may wait", func() { Expect(after(func() { time.Sleep(fuzzcost.Time + 100*time.Millisecond) })).To(BeEmpty()) })
	It("fails if it uses too much processor time", func() {
		Expect(after(func() {
			for began := processorTime(); processorTime()-began < fuzzcost.Time+50*time.Millisecond; {
			}
		})).To(ConsistOf(MatchRegexp("^it took .* of processor time, more than 1s$")))
	})
	It("fails if it allocates too much memory, also if it frees it again", func() {
		Expect(after(func() {
			for range 5 {
				kept = make([]byte, fuzzcost.Memory/4)
			}
			kept = nil
		})).To(ContainElement("it allocated 320 MiB, more than 256"), "on a slow machine the pages cost processor time too")
	})
})
