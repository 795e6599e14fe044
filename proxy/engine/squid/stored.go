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

// InfoPath is the page of Squid's cache manager with the number of cached objects.
const InfoPath = "/squid-internal-mgr/info"

// inStore matches the lines of the cache manager that count objects: in memory, and on disks.
var inStore = regexp.MustCompile(`(?m)^\s*([0-9]+) (?:Hot Object Cache Items|on-disk objects)\s*$`)

// stored counts the objects in memory and on disks of a Squid; an object in both places counts twice.
func stored(ctx context.Context, addr string) (int, error) {
	text, err := proxy.Ask(ctx, "http://"+addr+InfoPath)
	if err != nil {
		return 0, fmt.Errorf("cached objects of squid: %w", err)
	}
	found := inStore.FindAllStringSubmatch(strings.ReplaceAll(text, "\r", ""), -1)
	if len(found) == 0 {
		return 0, errors.New("cached objects of squid: its cache manager gives no number")
	}
	sum := 0
	for _, m := range found {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return 0, fmt.Errorf("cached objects of squid: %w", err)
		}
		sum += n
	}
	return sum, nil
}
