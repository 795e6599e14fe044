package toxi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	client "github.com/Shopify/toxiproxy/v2/client"
	"golang.org/x/sync/errgroup"

	"github.com/seed-ab8b6914/spof/proxy"
)

// The illegal transitions of a link: lost twice, or restored without a loss.
var (
	ErrLost    = errors.New("the WAN link is already lost")
	ErrNotLost = errors.New("the WAN link is not lost")

	errNoProxies = errors.New("the WAN link has no proxies")
)

// swallow is the prefix of the toxics that make a link silent, one per direction.
const swallow = "swallow-"

var directions = []string{"upstream", "downstream"}

// Control takes a link away and gives it back through Toxiproxy's API. What it returns is the interval, in ns of
// CLOCK_MONOTONIC, in which the change took effect, and what proves it. The state of the link is read from Toxiproxy, so
// it survives neither more nor less than the link does. A Control may be used by several goroutines; calls queue.
type Control struct {
	mu    sync.Mutex
	api   *client.Client
	ready []*witness // of the latest Prepare
}

// NewControl returns the control of the link whose API listens at api (host:port).
func NewControl(api string) *Control { return &Control{api: client.NewClient(api)} }

// Prepare opens a connection through every proxy of the link and has it answered, so that the next Cut or Silence need not
// wait for the link's own latency. It is optional.
func (c *Control) Prepare(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	links, err := c.whole(ctx)
	if err != nil {
		return err
	}
	c.dismiss()
	c.ready, err = summon(ctx, links)
	return err
}

// Cut closes every connection and refuses new ones.
func (c *Control) Cut(ctx context.Context) (before, after int64, proof string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.dismiss()
	links, witnesses, err := c.witnessed(ctx)
	if err != nil {
		return 0, 0, "", fmt.Errorf("cut: %w", err)
	}
	before = proxy.Monotonic()
	err = each(links, func(l *client.Proxy) error { return bounded(ctx, l.Disable) })
	if err == nil {
		err = each(links, func(l *client.Proxy) error { return refused(ctx, l.Listen) })
	}
	after = proxy.Monotonic()
	if err == nil {
		err = each(witnesses, func(w *witness) error { return w.closed(ctx) })
	}
	if err != nil {
		return 0, 0, "", fmt.Errorf("cut: %w", err)
	}
	return before, after, "new connections refused, the open one closed, at " + where(links), nil
}

// Silence swallows all data in both directions; connections stay, and new ones are still accepted.
func (c *Control) Silence(ctx context.Context) (before, after int64, proof string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	defer c.dismiss()
	links, witnesses, err := c.witnessed(ctx)
	if err != nil {
		return 0, 0, "", fmt.Errorf("silence: %w", err)
	}
	before = proxy.Monotonic()
	err = each(links, func(l *client.Proxy) error { return addSwallows(ctx, l) })
	after = proxy.Monotonic() // Toxiproxy answers when the toxic works on every connection
	if err == nil {
		err = each(witnesses, func(w *witness) error { return w.silent(ctx) })
	}
	if err != nil {
		return 0, 0, "", fmt.Errorf("silence: %w", err)
	}
	proof = "data swallowed both ways, connections and SYNs still acknowledged; a request answered before got no byte, " +
		"neither on its connection nor on a new one, at " + where(links)
	return before, after, proof, nil
}

// Restore gives the link back after Cut or Silence, also after one that failed half-way. Connections that were open
// during a silence are closed: Toxiproxy has thrown their data away.
func (c *Control) Restore(ctx context.Context) (before, after int64, proof string, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	links, err := c.links(ctx)
	if err != nil {
		return 0, 0, "", fmt.Errorf("restore: %w", err)
	}
	links = slices.DeleteFunc(links, func(l *client.Proxy) bool { return !lost(l) })
	if len(links) == 0 {
		return 0, 0, "", fmt.Errorf("restore: %w", ErrNotLost)
	}
	if err = each(links, func(l *client.Proxy) error { return c.renew(ctx, l) }); err != nil {
		return 0, 0, "", fmt.Errorf("restore: %w", err)
	}
	before = proxy.Monotonic()
	err = each(links, func(l *client.Proxy) error { return bounded(ctx, l.Enable) })
	after = proxy.Monotonic() // Toxiproxy answers when it listens
	if err == nil {
		err = answered(ctx, links)
	}
	if err != nil {
		return 0, 0, "", fmt.Errorf("restore: %w", err)
	}
	return before, after, "a request is answered again at " + where(links), nil
}

// witnessed gives the whole link's proxies, and an answered connection through each.
func (c *Control) witnessed(ctx context.Context) ([]*client.Proxy, []*witness, error) {
	links, err := c.whole(ctx)
	if err != nil {
		return nil, nil, err
	}
	if !fresh(c.ready) {
		c.dismiss()
		if c.ready, err = summon(ctx, links); err != nil {
			return nil, nil, err
		}
	}
	return links, c.ready, nil
}

// dismiss closes the witnesses.
func (c *Control) dismiss() {
	for _, w := range c.ready {
		w.close()
	}
	c.ready = nil
}

// whole gives the link's proxies, or ErrLost when one of them is lost.
func (c *Control) whole(ctx context.Context) ([]*client.Proxy, error) {
	links, err := c.links(ctx)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(links, lost) {
		return nil, ErrLost
	}
	return links, nil
}

// links gives the link's proxies in the order of their names.
func (c *Control) links(ctx context.Context) (links []*client.Proxy, err error) {
	var byName map[string]*client.Proxy
	err = bounded(ctx, func() error {
		answer, err := c.api.Proxies()
		byName = answer
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the API of Toxiproxy: %w", err)
	}
	for _, l := range byName {
		links = append(links, l)
	}
	slices.SortFunc(links, func(a, b *client.Proxy) int { return strings.Compare(a.Name, b.Name) })
	if len(links) == 0 {
		return nil, errNoProxies
	}
	return links, nil
}

// renew makes a silenced proxy anew, disabled and with its other toxics: removing a toxic could deadlock Toxiproxy.
func (c *Control) renew(ctx context.Context, l *client.Proxy) error {
	if !silenced(l) {
		return nil
	}
	if err := bounded(ctx, l.Delete); err != nil {
		return fmt.Errorf("%s: %w", l.Name, err)
	}
	anew := c.api.NewProxy()
	anew.Name, anew.Listen, anew.Upstream = l.Name, l.Listen, l.Upstream
	if err := bounded(ctx, anew.Save); err != nil {
		return fmt.Errorf("%s: %w", l.Name, err)
	}
	for _, t := range l.ActiveToxics {
		if strings.HasPrefix(t.Name, swallow) {
			continue
		}
		if err := addToxic(ctx, anew, t); err != nil {
			return err
		}
	}
	*l = *anew
	return nil
}

func addSwallows(ctx context.Context, l *client.Proxy) error {
	return each(directions, func(d string) error {
		return addToxic(ctx, l, client.Toxic{
			Name: swallow + d, Type: "timeout", Stream: d, Toxicity: 1,
			Attributes: client.Attributes{"timeout": 0}, // never closes the connection
		})
	})
}

func addToxic(ctx context.Context, l *client.Proxy, t client.Toxic) error {
	err := bounded(ctx, func() error {
		_, err := l.AddToxic(t.Name, t.Type, t.Stream, t.Toxicity, t.Attributes)
		return err
	})
	if err != nil {
		return fmt.Errorf("%s: toxic %s: %w", l.Name, t.Name, err)
	}
	return nil
}

func lost(l *client.Proxy) bool { return !l.Enabled || silenced(l) }

func silenced(l *client.Proxy) bool {
	return slices.ContainsFunc(l.ActiveToxics, func(t client.Toxic) bool { return strings.HasPrefix(t.Name, swallow) })
}

// each runs do for all items at once and gives the first error.
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
