package telemetry

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"time"

	"golang.org/x/net/netutil"

	"github.com/seed-ab8b6914/spof/reason"
)

// Server serves the metrics of a run at /metrics.
type Server struct {
	listener net.Listener
	http     *http.Server
	done     chan error // of the end of the server; it holds one
}

// Bounds of the server. A client that holds its connection, or sends nothing, takes neither the files of the run nor its memory.
const (
	scrapers       = 16 // connections at once
	headerWithin   = 2 * time.Second
	idleWithin     = 30 * time.Second
	serverEnd      = time.Second
	mostHeaderSize = 8 << 10 // bytes
)

// Address checks an address, HOST:PORT, and completes it. Without a host it is loopback: :9464 is 127.0.0.1:9464. Port 0 is a free one.
func Address(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return "", reason.Errorf("metrics-address", "%q is no address; want :PORT or HOST:PORT, such as :9464", text)
	}
	return net.JoinHostPort(cmp.Or(host, "127.0.0.1"), port), nil
}

// Listen opens an address, see Address.
func Listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, reason.Errorf("metrics-not-served", "cannot serve metrics: %w; name another address, or port 0 for a free one", err)
	}
	return netutil.LimitListener(l, scrapers), nil
}

// Serve serves metrics on a listener until Close.
func Serve(l net.Listener, m *Metrics) *Server {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	s := &Server{listener: l, done: make(chan error, 1), http: &http.Server{
		Handler: mux, ReadHeaderTimeout: headerWithin, ReadTimeout: headerWithin, WriteTimeout: 2 * scrapeWithin, IdleTimeout: idleWithin,
		MaxHeaderBytes: mostHeaderSize, ErrorLog: log.New(io.Discard, "", 0),
	}}
	go func() { s.done <- s.http.Serve(l) }()
	return s
}

// URL is where the metrics are.
func (s *Server) URL() string { return "http://" + s.listener.Addr().String() + "/metrics" }

// Close ends the server within about a second. The error says why it ended before; nil: it did not.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), serverEnd)
	defer cancel()
	if s.http.Shutdown(ctx) != nil { // a scrape that is not done
		_ = s.http.Close()
	}
	if err := <-s.done; !errors.Is(err, http.ErrServerClosed) {
		return reason.Errorf("metrics-not-served", "the metrics were served until an error: %w", err)
	}
	return nil
}
