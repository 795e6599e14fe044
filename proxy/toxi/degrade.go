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
)

// ErrNotDegraded and ErrDegraded are the illegal transitions of a link: mended without need, or degraded twice.
var (
	ErrDegraded    = errors.New("the WAN link is already degraded")
	ErrNotDegraded = errors.New("the WAN link is not degraded")
)

// Degrade makes the link worse without losing it: f.Latency with f.Jitter added to each answer, f.Bandwidth in place of
// the link's own, f.SlowClose from the end of one side of a connection to the other's hearing of it, and a share f.Reset
// of the connections reset, f.ResetAfter their first answer began. Connections that are open go on under the new conditions; of
// them, those to be reset may be closed instead, as Toxiproxy resets only what is opened after it was told.
func (c *Control) Degrade(ctx context.Context, f proxy.FaultParams) (p proxy.Proven, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.dismiss()
	links, witnesses, err := c.witnessed(ctx)
	if err != nil {
		return proxy.Proven{}, fmt.Errorf("degrade: %w", err)
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
	if err != nil {
		return proxy.Proven{}, fmt.Errorf("degrade: %w", err)
	}
	p.Proof += ", at " + where(links)
	return p, nil
}

// Mend ends a degradation; connections go on. Toxiproxy can hang when it removes a toxic, so that one for resets stays and
// strikes nobody, until Renew. Where it hangs even so, the proxies are made anew at once, which closes all connections.
func (c *Control) Mend(ctx context.Context) (proxy.Proven, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.dismiss()
	links, line, err := c.look(ctx)
	if err != nil {
		return proxy.Proven{}, fmt.Errorf("mend: %w", err)
	}
	resets := slices.ContainsFunc(links, resetting)
	whole := line.Base
	whole.Silent = line.Silent
	if line.Conditions == whole && !resets {
		return proxy.Proven{}, fmt.Errorf("mend: %w", ErrNotDegraded)
	}
	within, err := c.change(ctx, func(l *Conditions) { *l = whole })
	if err == nil && resets {
		if each(links, func(l *client.Proxy) error { return c.setReset(ctx, l, proxy.FaultParams{}) }) != nil {
			err = c.renew(ctx)
		}
		within.After = proxy.Monotonic()
	}
	if err == nil && !whole.Silent {
		err = answered(ctx, slices.DeleteFunc(links, func(l *client.Proxy) bool { return !l.Enabled }))
	}
	if err != nil {
		return proxy.Proven{}, fmt.Errorf("mend: %w", err)
	}
	return proxy.Proven{Interval: within, Proof: "the line is under its own conditions again, and answers, at " + where(links)}, nil
}

// Renew makes the proxies of the link anew, where a degradation has left something on them. That closes their connections.
func (c *Control) Renew(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	links, _, err := c.look(ctx)
	if err == nil && slices.ContainsFunc(links, func(l *client.Proxy) bool { return resetOf(l) != nil }) {
		c.dismiss()
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

// setReset has a share of the proxy's connections reset; none with a share of 0, and then Toxiproxy, which writes what it is
// told while connections read it, is told nothing of the rest.
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

// resetOf is the toxic of a proxy that resets, nil where there is none.
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

// degraded proves each part of a degradation with requests of its own, side by side: on a crowded line each takes long.
func degraded(ctx context.Context, link *client.Proxy, open *witness, f proxy.FaultParams) (string, error) {
	type part struct {
		asked bool
		prove func() (string, error)
		proof string
	}
	parts := []*part{
		{asked: f.Latency > 0, prove: func() (string, error) { return open.slow(ctx, f) }},
		{asked: f.Bandwidth > 0, prove: func() (string, error) { return narrow(ctx, link, f) }},
		{asked: f.SlowClose > 0, prove: func() (string, error) { return lingers(ctx, link, f) }},
		{asked: f.Reset > 0, prove: func() (string, error) { return broken(ctx, link, f) }},
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

// slow proves the added latency, first on a connection that was open before. Where connections are also reset, that one
// may be closed instead: then on the next that lives.
func (w *witness) slow(ctx context.Context, f proxy.FaultParams) (string, error) {
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
			return "", fmt.Errorf("answered after %v, want at least %v", took, least)
		}
		return "an answer took " + took.Round(100*time.Microsecond).String(), nil
	}
	return "", fmt.Errorf("no connection lived long enough to be answered: %w", err)
}

// shown is the size of the object that shows a bandwidth: so long a use of the line, but at least so many bytes.
const (
	shownFor   = 40 * time.Millisecond
	shownBytes = 16 << 10
)

// narrow proves the bandwidth: an object takes at least half the time that the line alone needs for it.
func narrow(ctx context.Context, link *client.Proxy, f proxy.FaultParams) (string, error) {
	size := max(shownBytes, int(float64(f.Bandwidth)/8*shownFor.Seconds()))
	needs := time.Duration(float64(size) * 8 / float64(f.Bandwidth) * float64(time.Second))
	var err error
	for n, early := 0, 0; n <= resetTries && early < earlyTries; n++ {
		var took time.Duration
		switch took, err = fetch(ctx, link, size); {
		case err != nil && f.Reset == 0:
			return "", err
		case err != nil:
		case took >= needs/2:
			return fmt.Sprintf("%d KiB took %v", size>>10, took.Round(100*time.Microsecond)), nil
		default:
			early++
			err = fmt.Errorf("%d bytes came in %v, which needs %v", size, took, needs)
		}
	}
	return "", err
}

// fetch gets an object of so many bytes and says how long that took from its request on.
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

// earlyTries bounds the connections whose end, or object, seems to come early: a busy machine may look at its clock late.
const earlyTries = 5

// lingers proves the slow close: the end of an answered connection is heard late.
func lingers(ctx context.Context, link *client.Proxy, f proxy.FaultParams) (string, error) {
	var err error
	for n, early := 0, 0; n <= resetTries && early < earlyTries; n++ {
		var took time.Duration
		switch took, err = ending(ctx, link); {
		case err != nil && f.Reset == 0:
			return "", err
		case err != nil:
		case took >= f.SlowClose:
			return "an end was heard after " + took.Round(100*time.Microsecond).String(), nil
		default:
			early++
			err = fmt.Errorf("the end came %v after the answer, want at least %v", took, f.SlowClose)
		}
	}
	return "", err
}

// ending says how long after an answer its connection ended.
func ending(ctx context.Context, link *client.Proxy) (time.Duration, error) {
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
	// While some connections are reset, Toxiproxy ends all of them so.
	if _, err := in.ReadByte(); err != io.EOF && !errors.Is(err, syscall.ECONNRESET) {
		return 0, fmt.Errorf("want the end of the connection, got: %w", err)
	}
	return time.Since(start), nil
}

// resetTries bounds the connections opened to see one reset: with a share of 10 % none of them is with 1 chance in 67.
const resetTries = 40

// abreast is how many connections are opened at once to see one reset: on a slow line each takes long to show it.
const abreast = 16

// broken proves the resets: of the next connections, opened in rows, one or more are reset.
func broken(ctx context.Context, link *client.Proxy, f proxy.FaultParams) (string, error) {
	tries := max(resetTries, int(8/f.Reset))
	var struck atomic.Int64
	for n := abreast; n < tries+abreast; n += abreast {
		err := each(make([]struct{}, abreast), func(struct{}) error {
			reset, err := struckBy(ctx, link)
			if reset {
				struck.Add(1)
			}
			return err
		})
		if hit := struck.Load(); hit > 0 {
			return fmt.Sprintf("%d of %d new connections reset", hit, n), nil
		}
		if err != nil {
			return "", err
		}
	}
	return "", fmt.Errorf("none of %d new connections was reset", tries)
}

// struckBy reports whether a new connection is reset in place of being answered. An error is no answer in time.
func struckBy(ctx context.Context, link *client.Proxy) (bool, error) {
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
