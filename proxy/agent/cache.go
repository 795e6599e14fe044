package agent

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
)

// squidInfo is the page of Squid's cache manager that counts what it has in store.
const squidInfo = "/squid-internal-mgr/info"

// emptyCache restarts a caching service, whose store is in memory: it comes back with nothing. What it held before and
// holds after proves it; the effect is the end of the old process.
func (h *host) emptyCache(ctx context.Context, f Fault) (before, after int64, proof string, err error) {
	s, err := h.service(f.Service)
	if err != nil {
		return
	}
	had, err := stored(ctx, s.p.Ready)
	if err != nil {
		return
	}
	if had == 0 {
		return 0, 0, "", fmt.Errorf("service %s has nothing in store that it could lose", f.Service)
	}
	before, after, proof, err = h.reboot(ctx, f)
	if err != nil {
		return
	}
	has, err := stored(ctx, s.p.Ready)
	if err == nil && has >= had {
		err = fmt.Errorf("service %s had %d objects in store and has %d", f.Service, had, has)
	}
	return before, after, fmt.Sprintf("%d objects in store before, %d after; %s", had, has, proof), err
}

var hotObjects = regexp.MustCompile(`(?m)^\s*([0-9]+) Hot Object Cache Items\s*$`)

// stored counts the objects in a Squid's memory.
func stored(ctx context.Context, addr string) (int, error) {
	text, err := proxy.Ask(ctx, "http://"+addr+squidInfo)
	if err != nil {
		return 0, fmt.Errorf("what the cache holds: %w", err)
	}
	m := hotObjects.FindStringSubmatch(strings.ReplaceAll(text, "\r", ""))
	if m == nil {
		return 0, errors.New("what the cache holds: its manager does not say")
	}
	return strconv.Atoi(m[1])
}
