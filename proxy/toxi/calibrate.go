package toxi

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	client "github.com/Shopify/toxiproxy/v2/client"

	"github.com/seed-ab8b6914/spof/proxy"
)

// calibration is the name of the proxy that exists while a link is calibrated.
const calibration = "calibration"

// calibrations is the number of answers that are timed on each path. It is enough for a p99, and takes half a second.
const calibrations = 200

// Calibrate measures the cost of the relaying itself. It sends the same requests to the far end directly and through a proxy on the
// link's line without the link's latency, alternately, on kept connections.
func (c *Control) Calibrate(ctx context.Context) (proxy.RelayCost, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	cost, err := c.calibrate(ctx)
	if err != nil {
		return cost, fmt.Errorf("calibrate: %w", err)
	}
	return cost, nil
}

func (c *Control) calibrate(ctx context.Context) (proxy.RelayCost, error) {
	if _, err := c.call(ctx, http.MethodPost, pathCalibrate, nil); err != nil {
		return proxy.RelayCost{}, err
	}
	relay := &client.Proxy{Name: calibration}
	if err := c.ask(ctx, http.MethodGet, pathOf(relay), nil, relay); err != nil {
		return proxy.RelayCost{}, err
	}
	defer func() { _ = c.ask(context.WithoutCancel(ctx), http.MethodDelete, pathOf(relay), nil, nil) }()
	direct, err := timer(ctx, relay.Upstream)
	if err != nil {
		return proxy.RelayCost{}, err
	}
	defer direct.Close()
	through, err := timer(ctx, relay.Listen)
	if err != nil {
		return proxy.RelayCost{}, err
	}
	defer through.Close()
	var times [2][]time.Duration
	for n := range 2 * calibrations {
		t, err := []*timed{direct, through}[n%2].answer()
		if err != nil {
			return proxy.RelayCost{}, err
		}
		times[n%2] = append(times[n%2], t)
	}
	slices.Sort(times[0])
	slices.Sort(times[1])
	at := func(way, percent int) time.Duration { return times[way][(len(times[way])-1)*percent/100] }
	return proxy.RelayCost{
		N: calibrations, Direct: at(0, 50), AddedP50: at(1, 50) - at(0, 50), AddedP99: at(1, 99) - at(0, 99),
	}, nil
}

// timed is a kept connection on which answers are timed.
type timed struct {
	net.Conn
	in *bufio.Reader
}

// timer opens a connection and warms it up by one answer.
func timer(ctx context.Context, addr string) (*timed, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	t := &timed{conn, bufio.NewReader(conn)}
	if _, err = t.answer(); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return t, nil
}

// answer sends a request and returns how long its answer took.
func (t *timed) answer() (time.Duration, error) {
	if err := t.SetDeadline(time.Now().Add(answerWithin)); err != nil {
		return 0, err
	}
	start := time.Now()
	if _, err := io.WriteString(t, "HEAD / HTTP/1.1\r\nHost: calibration\r\n\r\n"); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(t.in, &http.Request{Method: http.MethodHead})
	if err != nil {
		return 0, err
	}
	return time.Since(start), response.Body.Close()
}
