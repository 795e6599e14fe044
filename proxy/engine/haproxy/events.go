package haproxy

import (
	"regexp"

	"github.com/seed-ab8b6914/spof/proxy"
)

// haproxyDrain matches the log lines of the agent-check, which takes a server out of service and back while its health checks
// continue: "Server BACKEND/SERVER enters drain state ...", "Server BACKEND/SERVER is UP (leaving forced drain)...".
var haproxyDrain = regexp.MustCompile(`^(?:Backup )?Server [^/\s]+/([^/\s]+) (?:(enters drain state)|is UP.* \(leaving (?:forced )?drain\))`)

// haproxyServer matches a change of a server's state in HAProxy's log: "Server BACKEND/SERVER is DOWN, reason: ...", for a backup
// "Backup Server ...". With log-health-checks the reason is in the line of the check, and this one goes on with "is DOWN. 1 active and ...".
// HAProxy's copy on standard error starts with its level and does not match.
var haproxyServer = regexp.MustCompile(`^(?:Backup )?Server [^/\s]+/([^/\s]+) is (UP|DOWN)(?:[,. ].*)?$`)

// haproxyFailed matches the log line of a failed check of a server that stays in service (option log-health-checks): "Health check for
// server BACKEND/SERVER failed, reason: ..., status: 1/2 UP.", for a backup "... for backup server ...".
var haproxyFailed = regexp.MustCompile(`^Health check for (?:backup )?server [^/\s]+/([^/\s]+) failed, .*, status: \d+/\d+ UP\.?$`)

func parse(line string) (proxy.Event, bool) {
	if m := haproxyFailed.FindStringSubmatch(line); m != nil {
		return proxy.Event{Kind: proxy.EventCheckFailed, Subject: m[1], Text: line}, true
	}
	if m := haproxyDrain.FindStringSubmatch(line); m != nil {
		kind := proxy.EventServerUp
		if m[2] != "" {
			kind = proxy.EventServerDown
		}
		return proxy.Event{Kind: kind, Subject: m[1], Text: line}, true
	}
	m := haproxyServer.FindStringSubmatch(line)
	if m == nil {
		return proxy.Event{}, false
	}
	kind := proxy.EventServerUp
	if m[2] == "DOWN" {
		kind = proxy.EventServerDown
	}
	return proxy.Event{Kind: kind, Subject: m[1], Text: line}, true
}
