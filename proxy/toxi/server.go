// Package toxi is a WAN link made of Toxiproxy: the link itself, which runs on its gateway node, and the control by which the node's
// agent takes it away and gives it back, with proof.
//
// Toxiproxy relays connections, not packets. A cut link refuses new connections and closes open ones, where a dead line would answer
// nothing. A silent link swallows data, but its kernel still answers SYNs and acknowledges the data: a client connects, sends, and
// waits. Toxiproxy dials the far end inside its accept loop without a timeout, so the nodes behind the link must stay reachable:
// make the fault on the link.
package toxi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"syscall"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	client "github.com/Shopify/toxiproxy/v2/client"
	"github.com/rs/zerolog"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
)

// Serve runs the link until ctx ends: Toxiproxy's API at cfg.API, with a part of spof's own for the line, and every proxy of the
// configuration. The proxies start to listen when everything else is in place, the first of them last. It fails where an address
// is taken, a name is used twice, or the latency is not whole milliseconds.
func Serve(ctx context.Context, cfg proxy.WANConfig) error {
	if cfg.Latency < 0 || cfg.Latency%time.Millisecond != 0 {
		return reason.Errorf("not-whole-milliseconds", "WAN link %s: Toxiproxy adds whole milliseconds, got a latency of %v", cfg.Link, cfg.Latency)
	}
	register()
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	link := &link{server: server, cfg: cfg, line: newLine(Conditions{Bandwidth: cfg.Bandwidth})}
	listener, err := proxy.ListenControl(cfg.API)
	if err != nil {
		return fmt.Errorf("WAN link %s: Toxiproxy's API: %w", cfg.Link, err)
	}
	defer listener.Close()
	api := &http.Server{Handler: link.routes(), ReadHeaderTimeout: apiTimeout, IdleTimeout: time.Minute}
	defer stop(server, api)
	if err := link.populate(); err != nil {
		return fmt.Errorf("WAN link %s: %w", cfg.Link, err)
	}
	served := make(chan error, 1)
	go func() { served <- api.Serve(listener) }() // only now: Toxiproxy reads proxies without a lock
	select {
	case <-ctx.Done():
		return nil
	case err := <-served:
		return fmt.Errorf("WAN link %s: Toxiproxy's API: %w", cfg.Link, err)
	}
}

// link is what a gateway runs: Toxiproxy, and the line that its proxies share.
type link struct {
	server *toxiproxy.ApiServer
	cfg    proxy.WANConfig
	line   *line
}

// populate makes the proxies and starts them.
func (l *link) populate() error {
	for _, p := range slices.Backward(l.cfg.Proxies) {
		if err := l.start(p, l.cfg.Latency); err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
	}
	return nil
}

// start makes a proxy that listens.
func (l *link) start(p proxy.WANProxy, latency time.Duration) error {
	made, err := l.add(p, latency)
	if err != nil {
		return err
	}
	err = made.Start()
	if errors.Is(err, syscall.EADDRINUSE) {
		return reason.Errorf("port-taken", "another program listens at %s; end it, or run again for another port: %w", p.Listen, err)
	}
	return err
}

// add makes a proxy with its toxics. It does not listen yet.
func (l *link) add(p proxy.WANProxy, latency time.Duration) (*toxiproxy.Proxy, error) {
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

// renew creates the proxies again, without the toxics that were added to them. Their connections are closed.
func (l *link) renew() error {
	for _, p := range slices.Backward(l.cfg.Proxies) {
		if err := l.replace(p); err != nil {
			return fmt.Errorf("proxy %s: %w", p.Name, err)
		}
	}
	return nil
}

func (l *link) replace(p proxy.WANProxy) error {
	was, err := l.server.Collection.Get(p.Name)
	if err != nil {
		return err
	}
	enabled := was.Enabled
	if err := l.server.Collection.Remove(p.Name); err != nil {
		return err
	}
	if !enabled {
		_, err = l.add(p, l.cfg.Latency)
		return err
	}
	return l.start(p, l.cfg.Latency)
}

// The link's own part of the API, in addition to Toxiproxy's.
const (
	pathLine  = "/spof/line"  // GET: conditions and bytes; PUT: other conditions
	pathRenew = "/spof/renew" // POST: create the proxies again
	// POST: make a proxy to the far end that is on the line, without the link's latency
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
	post := func(path string, do func() error) {
		mux.HandleFunc("POST "+path, func(w http.ResponseWriter, _ *http.Request) {
			if err := do(); err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			tell(w, l.line.report())
		})
	}
	post(pathRenew, l.renew)
	post(pathCalibrate, func() error {
		return l.start(proxy.WANProxy{Name: calibration, Listen: "127.0.0.1:0", Upstream: l.cfg.Proxies[0].Upstream}, 0)
	})
	return mux
}

func tell(w http.ResponseWriter, r report) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(r) // fails only where the client has gone
}

// latencyToxic delays every answer.
func latencyToxic(latency time.Duration) client.Toxic {
	return client.Toxic{
		Name: "latency", Type: "latency", Stream: "downstream", Toxicity: 1,
		Attributes: client.Attributes{"latency": latency.Milliseconds()},
	}
}

// apiTimeout bounds every call to Toxiproxy: removing toxics can deadlock it (its issue 558).
const apiTimeout = time.Second

// stop closes the API and every connection. It abandons an accept loop that hangs in a dial, after apiTimeout.
func stop(server *toxiproxy.ApiServer, api *http.Server) {
	_ = api.Close()
	cleared := make(chan struct{})
	go func() {
		defer close(cleared)
		_ = server.Collection.Clear()
	}()
	select {
	case <-cleared:
	case <-time.After(apiTimeout):
	}
}
