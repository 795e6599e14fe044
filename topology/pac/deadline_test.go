package pac

import (
	"testing"
	"testing/synctest"
	"time"

	. "github.com/onsi/gomega"
)

// A deadline that passes at the instant at which its evaluation ends interrupts no other. It needs a bubble of its own, in
// which that is one instant.
func TestDeadlineOfAnother(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			g := NewWithT(t)
			s, err := load("p.pac", `function FindProxyForURL() { return "DIRECT" }`, lab)
			g.Expect(err).NotTo(HaveOccurred())
			begin := time.Now()
			s.used = func() time.Duration { return time.Since(begin) }
			g.Expect(s.within(func() error { time.Sleep(Deadline); return nil })).To(Succeed())
			synctest.Wait() // whatever was still to happen has happened
			_, err = s.hops("http://web.test:8080/o/1", "web.test")
			g.Expect(err).NotTo(HaveOccurred())
		})
	}
}
