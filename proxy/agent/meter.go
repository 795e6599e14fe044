package agent

import (
	"context"
	"os"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
)

// calibrate measures the time that this node's WAN link adds to a round trip by relaying.
func (h *host) calibrate(ctx context.Context) (*proxy.RelayCost, error) {
	link, err := h.wan()
	if err != nil {
		return nil, err
	}
	cost, err := link.Calibrate(ctx)
	return &cost, err
}

// meter reports what this node has used so far: the bytes of its WAN link, or else the processor time of its services.
func (h *host) meter(ctx context.Context) error {
	link, err := h.wan() // without turn: a change of the node does not delay the reading
	if err != nil {
		h.meterServices()
		return nil
	}
	began := proxy.Monotonic()
	carried, err := link.Bytes(ctx)
	if err != nil {
		return err
	}
	h.event(proxy.Since(began).Stamp(proxy.Event{Kind: proxy.EventWANBytes, Up: carried.Up, Down: carried.Down}))
	return nil
}

// meterServices reports for each service the processor time of that thread which has used most. A service that the kernel tells nothing of
// is left out.
func (h *host) meterServices() {
	for _, s := range h.all() {
		began := proxy.Monotonic()
		if ran := longestRun(s.pids()); ran > 0 {
			h.event(proxy.Since(began).Stamp(proxy.Event{Kind: proxy.EventServiceCPU, Service: s.p.Service, For: ran}))
		}
	}
}

// longestRun is the longest time that a single thread of the processes has run so far; 0: the kernel does not tell.
func longestRun(pids []int) (most time.Duration) {
	for _, pid := range pids {
		threads, _ := os.ReadDir(process(pid) + "/task") // none: it has ended
		for _, t := range threads {
			b, _ := os.ReadFile(process(pid) + "/task/" + t.Name() + "/schedstat")
			if ran, _, ok := parseSchedstat(b); ok {
				most = max(most, ran)
			}
		}
	}
	return most
}
