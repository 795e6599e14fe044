// Package builtin holds the programs that spof brings itself, so that a lab needs no other: the forward proxy, the TCP
// balancer, VRRP, the origin, and the WAN link. Each is a function that runs until its context ends: it takes its
// configuration as JSON (proxy.ProxyConfig and so on), the sockets it was given, and where to print its events. It returns
// nil when the context ended it, and an error that names the field when the configuration is wrong.
//
// The decisions are those of package policy; here are the sockets, the clock and the goroutines.
package builtin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/toxi"
)

// Main is one of the programs.
type Main func(ctx context.Context, configJSON []byte, listeners []net.Listener, stdout io.Writer) error

// Programs are the programs by the verb of `spof node`.
func Programs() map[string]Main {
	return map[string]Main{
		"proxy":    ProxyMain,
		"balancer": BalancerMain,
		"vrrp":     VRRPMain,
		"origin":   OriginMain,
		"wan":      WANMain,
		"dns":      DNSMain,
	}
}

// WANMain is a WAN link: Toxiproxy with its API (proxy.WANConfig). It opens its sockets itself and prints nothing.
func WANMain(ctx context.Context, configJSON []byte, _ []net.Listener, _ io.Writer) error {
	cfg, err := decode[proxy.WANConfig](configJSON, 0, nil)
	if err != nil {
		return err
	}
	return toxi.Serve(ctx, cfg)
}

// decode reads a configuration strictly and checks that there are enough sockets.
func decode[T any](configJSON []byte, sockets int, listeners []net.Listener) (cfg T, err error) {
	d := json.NewDecoder(bytes.NewReader(configJSON))
	d.DisallowUnknownFields()
	if err := d.Decode(&cfg); err != nil {
		return cfg, fmt.Errorf("configuration: %w", err)
	}
	if len(listeners) < sockets {
		return cfg, fmt.Errorf("%d listening sockets passed: want %d", len(listeners), sockets)
	}
	return cfg, nil
}

// events prints events, one JSON line each.
type events struct {
	node string
	mu   sync.Mutex
	out  io.Writer
}

// print completes the event and prints it. Nobody can be told of an error here: whoever reads the events has gone.
func (e *events) print(event proxy.Event) {
	event.Node = e.node
	line, err := json.Marshal(event)
	if err != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	_, _ = e.out.Write(append(line, '\n'))
}

// sleepUntil waits until CLOCK_MONOTONIC reaches at; it reports false when ctx ends first.
func sleepUntil(ctx context.Context, at int64) bool {
	wait := time.NewTimer(time.Duration(at - proxy.Monotonic()))
	defer wait.Stop()
	select {
	case <-wait.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// ended makes the error of a server that was closed because ctx ended, nil.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
