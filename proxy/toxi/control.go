package toxi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	client "github.com/Shopify/toxiproxy/v2/client"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/reason"
)

// The illegal transitions of a link: lost twice, or restored without a loss.
var (
	ErrLost    = reason.Errorf("wan-already-lost", "the WAN link is already lost")
	ErrNotLost = reason.Errorf("wan-not-lost", "the WAN link is not lost")
)

var directions = []string{"upstream", "downstream"}

// Control takes a link away and gives it back through Toxiproxy's API. Its operations return the interval in which the change took
// effect, and the proof. The state of the link stays in Toxiproxy, and is lost with it. A Control may be used by several
// goroutines; calls queue.
type Control struct {
	mu    sync.Mutex
	http  *http.Client // of the API
	ready []*witness   // of the latest Prepare, one for each of links
	links []*client.Proxy
}

// NewControl returns the control of a link. api is the unix socket of the link's API.
func NewControl(api string) *Control {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) { return proxy.DialUnix(ctx, api) }
	return &Control{http: &http.Client{Transport: &http.Transport{DialContext: dial}}}
}

// Prepare opens a connection through every proxy of the link and waits for an answer on it, so that the next Cut or Silence need
// not wait for the link's own latency. It is optional.
func (c *Control) Prepare(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	links, err := c.healthy(ctx)
	if err != nil {
		return err
	}
	return c.openWitnesses(ctx, links)
}

// act runs one operation on the link; the witnesses end with it.
func (c *Control) act(name string, do func() (proxy.Proven, error)) (proxy.Proven, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.closeWitnesses()
	p, err := do()
	if err != nil {
		return proxy.Proven{}, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

// Cut takes the line away: no data passes any more. Then it closes every connection and refuses new ones. The effect instant is
// that of the first step. The proof gives the time of the other steps.
func (c *Control) Cut(ctx context.Context) (proxy.Proven, error) {
	return c.act("cut", func() (p proxy.Proven, err error) {
		links, witnesses, err := c.witnessed(ctx)
		if err != nil {
			return p, err
		}
		p.Interval, err = c.change(ctx, func(l *Conditions) { l.Silent = true })
		if err == nil {
			err = each(links, func(l *client.Proxy) error { return c.enable(ctx, l, false) })
		}
		if err == nil {
			err = each(links, func(l *client.Proxy) error { return refused(ctx, l.Listen) })
		}
		if err == nil {
			err = each(witnesses, func(w *witness) error { return w.closed(ctx) })
		}
		took := time.Duration(proxy.Monotonic() - p.After)
		if err == nil { // closed proxies carry nothing, silent or not
			_, err = c.change(ctx, func(l *Conditions) { l.Silent = false })
		}
		p.Proof = fmt.Sprintf("no data passes; after %s new connections are refused and the open one is closed, at %s",
			took.Round(10*time.Microsecond), where(links))
		return p, err
	})
}

// Silence swallows all data in both directions. Connections stay, and new ones are still accepted.
func (c *Control) Silence(ctx context.Context) (proxy.Proven, error) {
	return c.act("silence", func() (p proxy.Proven, err error) {
		links, witnesses, err := c.witnessed(ctx)
		if err != nil {
			return p, err
		}
		p.Interval, err = c.change(ctx, func(l *Conditions) { l.Silent = true })
		if err == nil {
			err = each(witnesses, func(w *witness) error { return w.silent(ctx) })
		}
		p.Proof = "data swallowed in both directions, connections and SYNs still acknowledged; a request gets no byte, " +
			"on an open connection that was answered before and on a new one, at " + where(links)
		return p, err
	})
}

// Restore gives the link back after Cut or Silence, also after one that failed half-way. Connections that lost data are closed.
// Connections that were idle during a silence continue.
func (c *Control) Restore(ctx context.Context) (proxy.Proven, error) {
	return c.act("restore", func() (p proxy.Proven, err error) {
		within, links, err := c.restore(ctx)
		if err == nil {
			err = answered(ctx, links)
		}
		return proxy.Proven{Interval: within, Proof: "a request is answered again at " + where(links)}, err
	})
}

func (c *Control) restore(ctx context.Context) (within proxy.Interval, links []*client.Proxy, err error) {
	links, line, err := c.look(ctx)
	if err != nil {
		return within, nil, err
	}
	cut := slices.DeleteFunc(slices.Clone(links), func(l *client.Proxy) bool { return l.Enabled })
	if len(cut) == 0 && !line.Silent {
		return within, nil, ErrNotLost
	}
	if line.Silent {
		within, err = c.change(ctx, func(l *Conditions) { l.Silent = false })
	}
	if err == nil && len(cut) > 0 {
		if !line.Silent {
			within.Before = proxy.Monotonic()
		}
		err = each(cut, func(l *client.Proxy) error { return c.enable(ctx, l, true) })
		within.After = proxy.Monotonic() // Toxiproxy answers when it listens
	}
	return within, links, err
}

// change changes the conditions of the line, and returns the interval in which that happened.
func (c *Control) change(ctx context.Context, edit func(*Conditions)) (proxy.Interval, error) {
	line, err := c.line(ctx)
	if err != nil {
		return proxy.Interval{}, err
	}
	edit(&line.Conditions)
	done, err := c.call(ctx, http.MethodPut, pathLine, line.Conditions)
	return proxy.Interval{Before: done.Before, After: done.After}, err
}

// Bytes reads what the line has carried.
func (c *Control) Bytes(ctx context.Context) (Bytes, error) {
	line, err := c.line(ctx)
	return line.Bytes, err
}

func (c *Control) line(ctx context.Context) (report, error) {
	return c.call(ctx, http.MethodGet, pathLine, nil)
}

// call calls the link's own part of the API. Every answer of it describes the line.
func (c *Control) call(ctx context.Context, method, path string, body any) (r report, err error) {
	err = c.ask(ctx, method, path, body, &r)
	return r, err
}

// enable makes a proxy listen, or closes it with all its connections.
func (c *Control) enable(ctx context.Context, l *client.Proxy, on bool) error {
	return c.ask(ctx, http.MethodPatch, pathOf(l), map[string]bool{"enabled": on}, nil)
}

// pathOf is the path of a proxy in Toxiproxy's API.
func pathOf(l *client.Proxy) string { return pathProxies + "/" + l.Name }

const pathProxies = "/proxies"

// ask sends one request to the API and decodes the result into answer, unless answer is nil. It takes at most apiTimeout.
func (c *Control) ask(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, apiTimeout)
	defer cancel()
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://link"+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	response, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("the API of the link: %w", err)
	}
	defer response.Body.Close()
	reply, err := io.ReadAll(io.LimitReader(response.Body, 64<<10))
	if err == nil && response.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(reply)))
	}
	if err == nil && answer != nil {
		err = json.Unmarshal(reply, answer)
	}
	if err != nil {
		return fmt.Errorf("the API of the link: %s %s: %w", method, path, err)
	}
	return nil
}

// witnessed gives the proxies of a healthy link, and a witness through each. After Prepare it has the witnesses at once. They
// are current, because every change goes through this Control and closes them.
func (c *Control) witnessed(ctx context.Context) ([]*client.Proxy, []*witness, error) {
	if fresh(c.ready) {
		return c.links, c.ready, nil
	}
	links, err := c.healthy(ctx)
	if err == nil {
		err = c.openWitnesses(ctx, links)
	}
	return links, c.ready, err
}

// openWitnesses opens witnesses.
func (c *Control) openWitnesses(ctx context.Context, links []*client.Proxy) (err error) {
	c.closeWitnesses()
	c.links = links
	c.ready, err = openWitnesses(ctx, links)
	return err
}

// closeWitnesses closes the witnesses.
func (c *Control) closeWitnesses() {
	for _, w := range c.ready {
		w.close()
	}
	c.ready = nil
}

// healthy gives the link's proxies. It fails with ErrLost if one of them is lost.
func (c *Control) healthy(ctx context.Context) ([]*client.Proxy, error) {
	links, line, err := c.look(ctx)
	if err != nil {
		return nil, err
	}
	if line.Silent || slices.ContainsFunc(links, func(l *client.Proxy) bool { return !l.Enabled }) {
		return nil, ErrLost
	}
	return links, nil
}

// look gives the link's proxies in the order of their names, and its line.
func (c *Control) look(ctx context.Context) (links []*client.Proxy, line report, err error) {
	var byName map[string]*client.Proxy
	if err := c.ask(ctx, http.MethodGet, pathProxies, nil, &byName); err != nil {
		return nil, line, err
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		links = append(links, byName[name])
	}
	if len(links) == 0 {
		return nil, line, errors.New("the WAN link has no proxies")
	}
	line, err = c.line(ctx)
	return links, line, err
}

// each runs do for all items at once and returns the first error.
func each[T any](items []T, do func(T) error) error {
	var all errgroup.Group
	for _, item := range items {
		all.Go(func() error { return do(item) })
	}
	return all.Wait()
}

func where(links []*client.Proxy) string {
	var list []string
	for _, l := range links {
		list = append(list, l.Name+" "+l.Listen)
	}
	return strings.Join(list, ", ")
}
