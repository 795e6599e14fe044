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
	"net/http"
	"slices"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	client "github.com/Shopify/toxiproxy/v2/client"
	"github.com/rs/zerolog"

	"github.com/seed-ab8b6914/spof/proxy"
)

// Serve runs the link until ctx ends: Toxiproxy's API at cfg.API, with a part of its own for the line, and every proxy of
// the configuration. The proxies start to listen when all else is in place, the first of them last. It fails when an
// address is taken, when a name is used twice, or on a latency that is not whole milliseconds.
func Serve(ctx context.Context, cfg proxy.WANConfig) error {
	if cfg.Latency < 0 || cfg.Latency%time.Millisecond != 0 {
		return fmt.Errorf("wan %s: latency %v: Toxiproxy adds whole milliseconds only", cfg.Link, cfg.Latency)
	}
	register()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	link := &link{server: server, cfg: cfg, line: newLine(Conditions{Bandwidth: cfg.Bandwidth})}
	listener, err := proxy.ListenControl(cfg.API)
	if err != nil {
		return fmt.Errorf("wan %s: Toxiproxy's API: %w", cfg.Link, err)
	}
	defer listener.Close()
	api := &http.Server{Handler: link.routes(), ReadHeaderTimeout: apiTimeout, IdleTimeout: time.Minute}
	defer stop(server, api)
	if err := link.populate(); err != nil {
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

// link is what runs in a gateway: Toxiproxy, and the line that its proxies share.
type link struct {
	server *toxiproxy.ApiServer
	cfg    proxy.WANConfig
	line   *line
}

// populate makes the proxies and starts them.
func (l *link) populate() error {
	for _, p := range slices.Backward(l.cfg.Proxies) {
		made, err := l.add(p)
		if err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
		if err := made.Start(); err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
	}
	return nil
}

// add makes a proxy with its toxics, which does not listen yet.
func (l *link) add(p proxy.WANProxy) (*toxiproxy.Proxy, error) { return l.addWith(p, l.cfg.Latency) }

func (l *link) addWith(p proxy.WANProxy, latency time.Duration) (*toxiproxy.Proxy, error) {
	made := toxiproxy.NewProxy(l.server, p.Name, p.Listen, p.Upstream)
	if err := l.server.Collection.Add(made, false); err != nil {
		return nil, err
	}
	var list []client.Toxic
	if latency > 0 {
		list = append(list, latencyToxic(latency))
	}
	for _, d := range directions {
		list = append(list, client.Toxic{Name: "line-" + d, Type: sharedBandwidth, Stream: d, Toxicity: 1, Attributes: client.Attributes{}})
	}
	for _, t := range list {
		text, err := json.Marshal(t)
		if err != nil {
			return nil, fmt.Errorf("toxic %s: %w", t.Name, err)
		}
		wrapper, err := made.Toxics.AddToxicJson(bytes.NewReader(text))
		if err != nil {
			return nil, fmt.Errorf("toxic %s: %w", t.Name, err)
		}
		if shared, ok := wrapper.Toxic.(*SharedBandwidth); ok {
			shared.line, shared.direction = l.line, wrapper.Direction
		}
	}
	return made, nil
}

// renew makes the proxies anew, without the toxics that were added to them; their connections are closed.
func (l *link) renew() error {
	for _, p := range slices.Backward(l.cfg.Proxies) {
		was, err := l.server.Collection.Get(p.Name)
		if err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
		enabled := was.Enabled
		if err := l.server.Collection.Remove(p.Name); err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
		made, err := l.add(p)
		if err == nil && enabled {
			err = made.Start()
		}
		if err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
	}
	return nil
}

// The link's own part of the API, beside Toxiproxy's.
const (
	pathLine  = "/spof/line"  // GET: conditions and bytes; PUT: other conditions
	pathRenew = "/spof/renew" // POST: make the proxies anew
	// POST: make a proxy to the far end that is on the line, but without the link's latency
	pathCalibrate = "/spof/calibrate"
)

func (l *link) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/", l.server.Routes())
	mux.HandleFunc("GET "+pathLine, func(w http.ResponseWriter, _ *http.Request) { tell(w, l.line.report()) })
	mux.HandleFunc("PUT "+pathLine, func(w http.ResponseWriter, r *http.Request) {
		var c Conditions
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&c); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		within := l.line.set(c)
		now := l.line.report()
		now.Before, now.After = within.Before, within.After
		tell(w, now)
	})
	mux.HandleFunc("POST "+pathRenew, func(w http.ResponseWriter, _ *http.Request) {
		if err := l.renew(); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		tell(w, l.line.report())
	})
	mux.HandleFunc("POST "+pathCalibrate, func(w http.ResponseWriter, _ *http.Request) {
		p := l.cfg.Proxies[0]
		made, err := l.addWith(proxy.WANProxy{Name: calibration, Listen: "127.0.0.1:0", Upstream: p.Upstream}, 0)
		if err == nil {
			err = made.Start()
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		tell(w, l.line.report())
	})
	return mux
}

func tell(w http.ResponseWriter, r report) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r) // who has gone is not told
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

// bounded runs call for at most apiTimeout. What hangs is left behind.
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
