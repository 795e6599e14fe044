package agent

import (
	"context"

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

// meter reports the bytes that this node's WAN link has carried so far.
func (h *host) meter(ctx context.Context) error {
	link, err := h.wan() // without turn: a change of the node does not delay the reading
	if err != nil {
		return err
	}
	began := proxy.Monotonic()
	carried, err := link.Bytes(ctx)
	if err != nil {
		return err
	}
	h.event(proxy.Since(began).Stamp(proxy.Event{Kind: proxy.EventWANBytes, Up: carried.Up, Down: carried.Down}))
	return nil
}
