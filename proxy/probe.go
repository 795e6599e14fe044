package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// ErrUnhealthy says that a service answered a probe, but not as a healthy one does.
var ErrUnhealthy = errors.New("unhealthy")

// Probe is one health check from this node: `spof node probe KIND TARGET TIMEOUT`, exit code 0 when it returns nil. The
// target is host:port for tcp, which only connects, and a URL for http, which wants a whole header with a status below
// 500 and, since the service itself must answer, follows no redirect and uses no proxy of the environment.
func Probe(ctx context.Context, kind topology.CheckKind, target string, timeout time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	switch kind {
	case topology.CheckTCP:
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", target)
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		return conn.Close()
	case topology.CheckHTTP:
		return probeHTTP(ctx, target)
	}
	return fmt.Errorf("probe: kind %q is neither %s nor %s", kind, topology.CheckTCP, topology.CheckHTTP)
}

func probeHTTP(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusInternalServerError {
		return fmt.Errorf("probe %s: %s: %w", url, response.Status, ErrUnhealthy)
	}
	return nil
}
