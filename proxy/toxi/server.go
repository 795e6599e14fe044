// Package toxi is a WAN link made of Toxiproxy: the link itself, which runs inside its gateway node, and the control by
// which the node's agent takes it away and gives it back, with proof.
//
// What it is not: Toxiproxy relays connections, not packets. A link that is cut refuses connections and closes those it
// has, where a dead line would say nothing. A link that is silent swallows data, but its kernel still answers SYNs and
// acknowledges what it swallows: a client connects, sends, and waits. Toxiproxy dials the far end inside its accept loop,
// without a timeout: keep what stands behind the link reachable, and make the fault on the link.
package toxi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	client "github.com/Shopify/toxiproxy/v2/client"
	"github.com/rs/zerolog"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Serve runs the link until ctx ends: Toxiproxy's API at cfg.API and every proxy of the configuration. The proxies start
// to listen when all else is in place, the first of them last. It fails when an address is taken, when a name is used twice,
// or on a latency that is not whole milliseconds.
func Serve(ctx context.Context, cfg proxy.WANConfig) error {
	if cfg.Latency < 0 || cfg.Latency%time.Millisecond != 0 {
		return fmt.Errorf("wan %s: latency %v: Toxiproxy adds whole milliseconds only", cfg.Link, cfg.Latency)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	listener, err := net.Listen("tcp", cfg.API)
	if err != nil {
		return fmt.Errorf("wan %s: Toxiproxy's API: %w", cfg.Link, err)
	}
	defer listener.Close()
	api := &http.Server{Handler: server.Routes(), ReadHeaderTimeout: apiTimeout, IdleTimeout: time.Minute}
	defer stop(server, api)
	if err := populate(server, cfg); err != nil {
		return fmt.Errorf("wan %s: %w", cfg.Link, err)
	}
	served := make(chan error, 1)
	go func() { served <- api.Serve(listener) }() // not before: Toxiproxy reads proxies without a lock
	select {
	case <-ctx.Done():
		return nil
	case err := <-served:
		return fmt.Errorf("wan %s: Toxiproxy's API: %w", cfg.Link, err)
	}
}

// populate makes the proxies and starts them.
func populate(server *toxiproxy.ApiServer, cfg proxy.WANConfig) error {
	for _, p := range slices.Backward(cfg.Proxies) {
		link := toxiproxy.NewProxy(server, p.Name, p.Listen, p.Upstream)
		if err := server.Collection.Add(link, false); err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
		if cfg.Latency > 0 {
			toxic, err := json.Marshal(latencyToxic(cfg.Latency))
			if err != nil {
				return fmt.Errorf("latency of %s: %w", p.Name, err)
			}
			if _, err := link.Toxics.AddToxicJson(bytes.NewReader(toxic)); err != nil {
				return fmt.Errorf("latency of %s: %w", p.Name, err)
			}
		}
		if err := link.Start(); err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
	}
	return nil
}

// latencyToxic delays every answer.
func latencyToxic(latency time.Duration) client.Toxic {
	return client.Toxic{
		Name: "latency", Type: "latency", Stream: "downstream", Toxicity: 1,
		Attributes: client.Attributes{"latency": latency.Milliseconds()},
	}
}

// stop closes the API and every connection. An accept loop that hangs in a dial cannot be ended: it is left behind.
func stop(server *toxiproxy.ApiServer, api *http.Server) {
	_ = api.Close()
	ctx, cancel := context.WithTimeout(context.Background(), apiTimeout)
	defer cancel()
	_ = bounded(ctx, func() error { return server.Collection.Clear() })
}

// apiTimeout bounds every call to Toxiproxy: removing toxics can deadlock it (its issue 558).
const apiTimeout = time.Second

// errHangs says that Toxiproxy did not answer in time.
var errHangs = errors.New("no answer from Toxiproxy")

// bounded runs call for at most apiTimeout. What hangs is left behind; the client of Toxiproxy gives up after 30 s.
func bounded(ctx context.Context, call func() error) error {
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", errHangs, ctx.Err())
	}
}
