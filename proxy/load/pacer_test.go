package load

import (
	"context"
	"net"
	"runtime"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("the pacer", func() {
	It("does not delay a garbage collection while it sleeps", func() {
		l, err := net.Listen("tcp", "127.0.0.1:0") // accepts by the kernel only
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(l.Close)
		spec := validSpec()
		spec.Proxy, spec.Timeout, spec.TLSShare = l.Addr().String(), 100*time.Millisecond, 0
		spec.Duration, spec.Rate = 400*time.Millisecond, 55 // 18 ms apart
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		stops := make(chan []time.Duration, 1)
		go func() { stops <- worldStops(ctx) }()
		_, _, err = run(context.Background(), spec)
		cancel()
		Expect(err).NotTo(HaveOccurred())
		took := <-stops
		Expect(len(took)).To(BeNumerically(">=", 10))
		slices.Sort(took)
		Expect(took[len(took)*4/5]).To(BeNumerically("<", 10*time.Millisecond), "a stop that waits for the next request takes 15 ms: %v", took)
	})
})

// worldStops stops the world every 3 ms until the context ends, and gives how long each stop took.
func worldStops(ctx context.Context) (took []time.Duration) {
	for stats := new(runtime.MemStats); ctx.Err() == nil; time.Sleep(3 * time.Millisecond) {
		begin := time.Now()
		runtime.ReadMemStats(stats)
		took = append(took, time.Since(begin))
	}
	return took
}
