// Package builtin has spof's own programs, so that a lab needs no other: the forward proxy, the TCP balancer, VRRP, the DNS server,
// the origin, and the WAN link. Each is a function that runs until its context ends. Its arguments are its configuration as JSON
// (proxy.ProxyConfig and so on), its sockets, and the output for its events. It returns nil when the context ends, and an error that
// names the field when the configuration is invalid.
//
// Package policy decides. This package has the sockets, the clock and the goroutines.
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

// Main is the main function of a program.
type Main func(ctx context.Context, configJSON []byte, listeners []net.Listener, stdout io.Writer) error

// Programs gives the programs by their name in `spof node NAME`.
func Programs() map[string]Main {
	return map[string]Main{
		"proxy":    ProxyMain,
		"balancer": BalancerMain,
		"vrrp":     VRRPMain,
		"origin":   OriginMain,
		"wan":      WANMain,
		"dns":      DNSMain,
		"names":    NamesMain,
	}
}

// WANMain is a WAN link: Toxiproxy with its API (proxy.WANConfig). It opens its own sockets and prints nothing.
func WANMain(ctx context.Context, configJSON []byte, _ []net.Listener, _ io.Writer) error {
	cfg, err := decode[proxy.WANConfig](configJSON, 0, nil)
	if err != nil {
		return err
	}
	return toxi.Serve(ctx, cfg)
}

// decode reads a configuration, refuses unknown keys, and checks the number of sockets.
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

// print completes the event and prints it. An error means that the reader of the events has gone: it is ignored.
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

// missed gives a function that prints a failed check of a target.
func (e *events) missed(target string) func(now int64, err error) {
	return func(now int64, err error) {
		e.print(proxy.Event{At: now, Kind: proxy.EventCheckFailed, Subject: target, Text: err.Error()})
	}
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

// ended gives nil if a server's error only says that the server was closed.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
