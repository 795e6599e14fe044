// Package retry is a client of a service behind a pair of proxies, as a stranger may have written it. Its tests find three ways to retry
// wrongly, and one that is right.
package retry

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Client fetches pages and retries.
type Client struct {
	HTTP *http.Client
	// Attempts is how often a page is asked for. Pause is the time between two attempts; 0: none.
	Attempts int
	Pause    time.Duration
	// Each bounds one attempt; 0: nothing does.
	Each time.Duration
}

// Fetch gets a page.
func (c *Client) Fetch(ctx context.Context, url string) (body []byte, err error) {
	for n := range c.Attempts {
		if n > 0 {
			select {
			case <-time.After(c.Pause):
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if body, err = c.once(ctx, url); err == nil {
			return body, nil
		}
	}
	return nil, fmt.Errorf("%d attempts: %w", c.Attempts, err)
}

func (c *Client) once(ctx context.Context, url string) ([]byte, error) {
	if c.Each > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.Each)
		defer cancel()
	}
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	r, err := c.HTTP.Do(q)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, r.Status)
	}
	return io.ReadAll(r.Body)
}
