package nginx

import (
	"regexp"

	"github.com/seed-ab8b6914/spof/proxy"
)

// nginxDisabled matches the warning of nginx's error log after max_fails failures of a server:
// "2026/01/02 03:04:05 [warn] 7#7: *1 upstream server temporarily disabled while connecting to upstream, client: ...,
// upstream: "10.0.0.1:3128", bytes ...". nginx logs no return: it tries the server again after fail_timeout.
var nginxDisabled = regexp.MustCompile(`^[0-9/]+ [0-9:]+ \[warn\] .* upstream server temporarily disabled\b.*, upstream: "([^"\s]+)"`)

func parse(line string) (proxy.Event, bool) {
	m := nginxDisabled.FindStringSubmatch(line)
	if m == nil {
		return proxy.Event{}, false
	}
	return proxy.Event{Kind: proxy.EventServerDown, Subject: m[1], Text: line}, true
}
