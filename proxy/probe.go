package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	neturl "net/url"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/topology"
)

// ErrUnhealthy says that a service answered a probe with an error.
var ErrUnhealthy = errors.New("unhealthy")

// Probe is one health check from this node. The script of package engine/keepalived checks the same.
//   - tcp: the target is host:port. The check only connects.
//   - http: the target is a URL. The answer must have a whole header and a status below 500. The service itself must answer: the
//     check follows no redirect and uses no proxy of the environment.
//   - origin: the target is URL@HOST:PORT. The check requests the URL through the proxy at host:port, on a new connection.
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
		return probeHTTP(ctx, target, nil)
	case topology.CheckOrigin:
		url, through, ok := strings.Cut(target, "@")
		if !ok {
			return fmt.Errorf("probe: target %q: want URL@HOST:PORT", target)
		}
		return probeHTTP(ctx, url, &neturl.URL{Scheme: "http", Host: through})
	}
	return fmt.Errorf("probe: unknown kind %q; valid: %s, %s, %s", kind, topology.CheckTCP, topology.CheckHTTP, topology.CheckOrigin)
}

// probeHTTP requests a URL, through a forward proxy unless that is nil.
func probeHTTP(ctx context.Context, url string, through *neturl.URL) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	transport := &http.Transport{DisableKeepAlives: true, Proxy: http.ProxyURL(through)}
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
