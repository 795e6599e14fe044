package agent

import (
	"context"
	"fmt"
	"syscall"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Hang freezes the processes of one service. The kernel still acknowledges for them. Recovery lets them run again.
var Hang = Executor{inject: (*host).freeze, recover: (*host).resume}

func (h *host) freeze(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.signalService(ctx, f, syscall.SIGSTOP, "frozen", allStopped)
}

func (h *host) resume(ctx context.Context, f Fault) (proxy.Proven, error) {
	return h.signalService(ctx, f, syscall.SIGCONT, "running again", noneStopped)
}

func (h *host) signalService(ctx context.Context, f Fault, sig syscall.Signal, what string, all func(pids []int) bool) (proxy.Proven, error) {
	_, pids, err := h.running(f.Service)
	if err != nil {
		return proxy.Proven{}, err
	}
	began := proxy.Monotonic()
	signalAll(pids, sig)
	err = poll(ctx, fmt.Sprintf("%d process(es) not %s", len(pids), what), func() bool { return all(pids) })
	return proxy.Proven{Interval: proxy.Since(began), Proof: fmt.Sprintf("%d process(es) %s", len(pids), what)}, err
}
