package pac

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// A deadline at the instant at which its evaluation ends interrupts no later evaluation. The test runs in a bubble, in which both are
// one instant.
func TestDeadlineOfAnother(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			g := NewWithT(t)
			s, err := load("p.pac", `function FindProxyForURL() { return "DIRECT" }`, lab)
			g.Expect(err).NotTo(HaveOccurred())
			begin := time.Now()
			s.used = func() time.Duration { return time.Since(begin) }
			g.Expect(s.within(func() error { time.Sleep(Deadline); return nil })).To(Succeed())
			synctest.Wait() // for the timers
			_, err = s.hops("http://web.test:8080/o/1", "web.test")
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
}
