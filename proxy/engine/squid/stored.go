package squid

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
)

// InfoPath is the page of Squid's cache manager that counts what it has in store.
const InfoPath = "/squid-internal-mgr/info"

// inStore are the lines of the cache manager that count objects: those in memory, and those on disks.
var inStore = regexp.MustCompile(`(?m)^\s*([0-9]+) (?:Hot Object Cache Items|on-disk objects)\s*$`)

// stored counts the objects that a Squid has in memory and on disks; one in both places counts twice.
func stored(ctx context.Context, addr string) (int, error) {
	text, err := proxy.Ask(ctx, "http://"+addr+InfoPath)
	if err != nil {
		return 0, fmt.Errorf("what the cache holds: %w", err)
	}
	found := inStore.FindAllStringSubmatch(strings.ReplaceAll(text, "\r", ""), -1)
	if len(found) == 0 {
		return 0, errors.New("what the cache holds: its manager does not say")
	}
	sum := 0
	for _, m := range found {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return 0, fmt.Errorf("what the cache holds: %w", err)
		}
		sum += n
	}
	return sum, nil
}
