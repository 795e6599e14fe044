package squid

import (
	"regexp"

	"github.com/seed-ab8b6914/spof/proxy"
)

// squidDead matches a line of Squid's cache.log: "2026/01/02 03:04:05| Detected DEAD Parent: NAME".
var squidDead = regexp.MustCompile(`^[^|]*\| Detected DEAD (?:Parent|Sibling): (\S+)$`)

func parse(line string) (proxy.Event, bool) {
	m := squidDead.FindStringSubmatch(line)
	if m == nil {
		return proxy.Event{}, false
	}
	return proxy.Event{Kind: proxy.EventPeerDead, Subject: m[1], Text: line}, true
}
