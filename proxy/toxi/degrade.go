package toxi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	client "github.com/Shopify/toxiproxy/v2/client"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
)

// The illegal transitions of a link: degraded twice, or mended without a degradation.
var (
	ErrDegraded    = reason.Errorf("wan-already-degraded", "the WAN link is already degraded")
	ErrNotDegraded = reason.Errorf("wan-not-degraded", "the WAN link is not degraded")
)

// Degrade makes the link worse without losing it. It adds f.Latency with f.Jitter to each answer, replaces the link's bandwidth
// by f.Bandwidth, delays the end of a connection by f.SlowClose, and resets a share f.Reset of the connections, f.ResetAfter
// after their first answer began. Open connections continue under the new conditions. Some of the connections to be reset may
// be closed instead: Toxiproxy resets only connections that are opened after the toxic.
func (c *Control) Degrade(ctx context.Context, f proxy.FaultParams) (proxy.Proven, error) {
	return c.act("degrade", func() (p proxy.Proven, err error) {
		links, witnesses, err := c.witnessed(ctx)
		if err != nil {
			return p, err
		}
		line, err := c.line(ctx)
		switch {
		case err != nil:
		case line.Conditions != line.Base || slices.ContainsFunc(links, resetting):
			err = ErrDegraded
		default:
			p.Interval, err = c.change(ctx, func(l *Conditions) {
				l.Latency, l.Jitter, l.SlowClose = f.Latency, f.Jitter, f.SlowClose
				if f.Bandwidth > 0 {
					l.Bandwidth = f.Bandwidth
				}
			})
		}
		if err == nil && f.Reset > 0 {
			err = each(links, func(l *client.Proxy) error { return c.setReset(ctx, l, f) })
			p.After = proxy.Monotonic() // Toxiproxy answers when the toxic works on every connection
		}
		if err == nil {
			p.Proof, err = degraded(ctx, links[0], witnesses[0], f)
		}
		p.Proof += ", at " + where(links)
		return p, err
	})
}

// Mend ends a degradation. Connections continue. Toxiproxy can hang when it removes a toxic, so the toxic for resets stays,
// with a share of 0, until Renew. If Toxiproxy hangs nevertheless, Mend creates the proxies again, which closes all
// connections.
func (c *Control) Mend(ctx context.Context) (proxy.Proven, error) {
	return c.act("mend", func() (p proxy.Proven, err error) {
		links, line, err := c.look(ctx)
		if err != nil {
			return p, err
		}
		resets := slices.ContainsFunc(links, resetting)
		whole := line.Base
		whole.Silent = line.Silent
		if line.Conditions == whole && !resets {
			return p, ErrNotDegraded
		}
		p.Interval, err = c.change(ctx, func(l *Conditions) { *l = whole })
		if err == nil && resets {
			if each(links, func(l *client.Proxy) error { return c.setReset(ctx, l, proxy.FaultParams{}) }) != nil {
				err = c.renew(ctx)
			}
			p.After = proxy.Monotonic()
		}
		p.Proof = "the line has its own conditions again, and answers, at " + where(links)
		if err == nil && !whole.Silent {
			err = answered(ctx, slices.DeleteFunc(links, func(l *client.Proxy) bool { return !l.Enabled }))
		}
		return p, err
	})
}

// Renew creates the proxies of the link again if a degradation has left a toxic on them. That closes their connections.
func (c *Control) Renew(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	links, _, err := c.look(ctx)
	if err == nil && slices.ContainsFunc(links, func(l *client.Proxy) bool { return resetOf(l) != nil }) {
		c.closeWitnesses()
		err = c.renew(ctx)
	}
	if err != nil {
		return fmt.Errorf("renew: %w", err)
	}
	return nil
}

func (c *Control) renew(ctx context.Context) error {
	_, err := c.call(ctx, http.MethodPost, pathRenew, nil)
	return err
}

// resetToxic is the name of the toxic that resets a share of a proxy's connections.
const resetToxic = "reset-downstream"

// setReset makes Toxiproxy reset a share of the proxy's connections. With a share of 0 it sends no timeout: Toxiproxy would write it
// while connections read it.
func (c *Control) setReset(ctx context.Context, l *client.Proxy, f proxy.FaultParams) error {
	how := client.Attributes{}
	if f.Reset > 0 {
		how["timeout"] = f.ResetAfter.Milliseconds()
	}
	toxic := client.Toxic{Name: resetToxic, Type: "reset_peer", Stream: "downstream", Toxicity: float32(f.Reset), Attributes: how}
	method, path := http.MethodPost, pathOf(l)+"/toxics"
	if resetOf(l) != nil {
		method, path = http.MethodPatch, path+"/"+resetToxic
	}
	return c.ask(ctx, method, path, toxic, nil)
}

// resetOf is the toxic of a proxy that resets connections; nil: it has none.
func resetOf(l *client.Proxy) *client.Toxic {
	for i := range l.ActiveToxics {
		if l.ActiveToxics[i].Name == resetToxic {
			return &l.ActiveToxics[i]
		}
	}
	return nil
}

func resetting(l *client.Proxy) bool {
	t := resetOf(l)
	return t != nil && t.Toxicity > 0
}

// degraded proves each part of a degradation by separate requests, all at once: on a crowded line each takes long.
func degraded(ctx context.Context, link *client.Proxy, open *witness, f proxy.FaultParams) (string, error) {
	type part struct {
		asked bool
		prove func() (string, error)
		proof string
	}
	parts := []*part{
		{asked: f.Latency > 0, prove: func() (string, error) { return open.proveLatency(ctx, f) }},
		{asked: f.Bandwidth > 0, prove: func() (string, error) { return proveBandwidth(ctx, link, f) }},
		{asked: f.SlowClose > 0, prove: func() (string, error) { return proveSlowClose(ctx, link, f) }},
		{asked: f.Reset > 0, prove: func() (string, error) { return proveResets(ctx, link, f) }},
	}
	parts = slices.DeleteFunc(parts, func(p *part) bool { return !p.asked })
	err := each(parts, func(p *part) (err error) {
		p.proof, err = p.prove()
		return err
	})
	if err != nil {
		return "", fmt.Errorf("%s: %w", link.Name, err)
	}
	var proofs []string
	for _, p := range parts {
		proofs = append(proofs, p.proof)
	}
	return strings.Join(proofs, "; "), nil
}

// proveLatency proves the added latency, on a connection that was open before. If connections are also reset, that one may be
// closed instead. Then a new connection that is not reset proves it.
func (w *witness) proveLatency(ctx context.Context, f proxy.FaultParams) (string, error) {
	limit := answerWithin + f.Latency + f.Jitter + f.ResetAfter
	var err error
	for n := 0; n <= resetTries && (n == 0 || f.Reset > 0 && ctx.Err() == nil); n++ {
		took := time.Duration(0)
		if n == 0 {
			start := time.Now()
			within, cancel := context.WithTimeout(ctx, limit)
			err = w.ask(within)
			cancel()
			took = time.Since(start)
		} else {
			w.close()
			err = w.open(ctx, limit)
			took = w.took
		}
		if err != nil {
			continue
		}
		if least := f.Latency - f.Jitter; took < least {
			return "", reason.Errorf("not-proven", "an answer took %v, want at least %v", took, least)
		}
		return "an answer took " + took.Round(100*time.Microsecond).String(), nil
	}
	return "", reason.Errorf("not-proven", "every connection was reset before its answer: %w", err)
}

// The size of the object that proves a bandwidth.
const (
	shownFor   = 40 * time.Millisecond // of the line's time
	shownBytes = 16 << 10              // at least
)

// earlyTries bounds the measurements that seem too short: a busy machine may read the clock late.
const earlyTries = 5

// measureAtLeast repeats a measurement until one is long enough. If connections are also reset, it ignores their errors.
func measureAtLeast(f proxy.FaultParams, least time.Duration, measure func() (time.Duration, error)) (time.Duration, error) {
	var err error
	for n, early := 0, 0; n <= resetTries && early < earlyTries; n++ {
		var took time.Duration
		switch took, err = measure(); {
		case err != nil && f.Reset == 0:
			return 0, err
		case err != nil:
		case took >= least:
			return took.Round(100 * time.Microsecond), nil
		default:
			early++
			err = reason.Errorf("not-proven", "took %v, want at least %v", took, least)
		}
	}
	return 0, err
}

// proveBandwidth proves the bandwidth: an object takes at least half the time that the line alone needs for it.
func proveBandwidth(ctx context.Context, link *client.Proxy, f proxy.FaultParams) (string, error) {
	size := max(shownBytes, int(float64(f.Bandwidth)/8*shownFor.Seconds()))
	needs := time.Duration(float64(size) * 8 / float64(f.Bandwidth) * float64(time.Second))
	took, err := measureAtLeast(f, needs/2, func() (time.Duration, error) { return fetch(ctx, link, size) })
	if err != nil {
		return "", fmt.Errorf("an object of %d bytes: %w", size, err)
	}
	return fmt.Sprintf("%d KiB took %v", size>>10, took), nil
}

// fetch gets an object of a size in bytes. It returns the time from the request to the end of the object.
func fetch(ctx context.Context, link *client.Proxy, size int) (time.Duration, error) {
	conn, in, err := ask(ctx, link, fmt.Sprintf("GET /o/%d/witness HTTP/1.1\r\nHost: %s\r\n\r\n", size, link.Listen))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	start := time.Now()
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	got, err := io.Copy(io.Discard, response.Body)
	if err == nil && got != int64(size) {
		err = fmt.Errorf("%s: %d bytes of %d", response.Status, got, size)
	}
	return time.Since(start), err
}

// proveSlowClose proves the slow close: the end of an answered connection comes late.
func proveSlowClose(ctx context.Context, link *client.Proxy, f proxy.FaultParams) (string, error) {
	took, err := measureAtLeast(f, f.SlowClose, func() (time.Duration, error) { return closeTime(ctx, link) })
	if err != nil {
		return "", fmt.Errorf("the end of a connection after its answer: %w", err)
	}
	return fmt.Sprintf("an end arrived after %v", took), nil
}

// closeTime returns the time from an answer to the end of its connection.
func closeTime(ctx context.Context, link *client.Proxy) (time.Duration, error) {
	conn, in, err := ask(ctx, link, fmt.Sprintf("HEAD / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", link.Listen))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	response, err := http.ReadResponse(in, &http.Request{Method: http.MethodHead})
	if err != nil {
		return 0, err
	}
	_ = response.Body.Close()
	start := time.Now()
	// While the toxic resets some connections, Toxiproxy ends every connection by a reset.
	if _, err := in.ReadByte(); err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
		return 0, fmt.Errorf("want the end of the connection, got: %w", err)
	}
	return time.Since(start), nil
}

// resetTries bounds the connections opened to see a reset. With a share of 10 %, the chance to see none is 1 in 67.
const resetTries = 40

// parallel is the number of connections opened at once to see a reset: on a slow line each takes long.
const parallel = 16

// proveResets proves the resets: of new connections, opened parallel at a time, one or more are reset.
func proveResets(ctx context.Context, link *client.Proxy, f proxy.FaultParams) (string, error) {
	tries := max(resetTries, int(8/f.Reset))
	var resets atomic.Int64
	for n := parallel; n < tries+parallel; n += parallel {
		err := each(make([]struct{}, parallel), func(struct{}) error {
			reset, err := isReset(ctx, link)
			if reset {
				resets.Add(1)
			}
			return err
		})
		if hit := resets.Load(); hit > 0 {
			return fmt.Sprintf("%d of %d new connections reset", hit, n), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", reason.Errorf("not-proven", "none of %d new connections was reset", tries)
}

// isReset reports whether a new connection is reset before its answer. It fails where neither happens in time.
func isReset(ctx context.Context, link *client.Proxy) (bool, error) {
	conn, in, err := ask(ctx, link, fmt.Sprintf("HEAD / HTTP/1.1\r\nHost: %s\r\n\r\n", link.Listen))
	if err == nil {
		defer conn.Close()
		_, err = in.ReadByte()
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), ctx.Err() != nil:
		return false, err
	}
	return errors.Is(err, syscall.ECONNRESET), nil
}

// ask opens a connection and sends a request.
func ask(ctx context.Context, link *client.Proxy, request string) (net.Conn, *bufio.Reader, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", link.Listen)
	if err != nil {
		return nil, nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		err = conn.SetDeadline(deadline)
	}
	if err == nil {
		_, err = io.WriteString(conn, request)
	}
	if err != nil {
		_ = conn.Close()
		return nil, nil, err
	}
	return conn, bufio.NewReader(conn), nil
}
