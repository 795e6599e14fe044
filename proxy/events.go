package proxy

import (
	"encoding/json"
	"regexp"
	"strings"
)

// The parsers of Process.Events.
const (
	EventsHAProxy    = "haproxy"
	EventsNginx      = "nginx"
	EventsKeepalived = "keepalived"
	EventsSquid      = "squid"
	EventsJSON       = "json"
)

// ParseEvent reads one line of a process's events with the named parser, and reports whether it is one. At stays 0 unless
// the line itself tells the instant; the caller stamps it.
func ParseEvent(parser, line string) (Event, bool) {
	line = strings.TrimRight(line, "\r\n")
	switch parser {
	case EventsHAProxy:
		return parseHAProxy(line)
	case EventsNginx:
		return parseNginx(line)
	case EventsKeepalived:
		return parseKeepalived(line)
	case EventsSquid:
		return parseSquid(line)
	case EventsJSON:
		return parseJSON(line)
	}
	return Event{}, false
}

// haproxyDrain is what it says where a server's chassis takes it out of service or brings it back, while its health checks
// go on: "Server BACKEND/SERVER enters drain state ...", "Server BACKEND/SERVER is UP (leaving forced drain)...".
var haproxyDrain = regexp.MustCompile(`^(?:Backup )?Server [^/\s]+/([^/\s]+) (?:(enters drain state)|is UP.* \(leaving (?:forced )?drain\))`)

// haproxyServer is a change of a server's state in HAProxy's log: "Server BACKEND/SERVER is DOWN, reason: ...", for a backup
// server "Backup Server ...". The copy
// that HAProxy writes to standard error starts with its level and does not match.
var haproxyServer = regexp.MustCompile(`^(?:Backup )?Server [^/\s]+/([^/\s]+) is (UP|DOWN)(?:[, ].*|\.?)$`)

func parseHAProxy(line string) (Event, bool) {
	if m := haproxyDrain.FindStringSubmatch(line); m != nil {
		kind := EventServerUp
		if m[2] != "" {
			kind = EventServerDown
		}
		return Event{Kind: kind, Subject: m[1], Text: line}, true
	}
	m := haproxyServer.FindStringSubmatch(line)
	if m == nil {
		return Event{}, false
	}
	kind := EventServerUp
	if m[2] == "DOWN" {
		kind = EventServerDown
	}
	return Event{Kind: kind, Subject: m[1], Text: line}, true
}

// nginxDisabled is nginx's warning that a server has failed max_fails times, from its error log:
// "2026/01/02 03:04:05 [warn] 7#7: *1 upstream server temporarily disabled while connecting to upstream, client: ...,
// upstream: "10.0.0.1:3128", bytes ...". It tells of no return: a server is tried again after fail_timeout.
var nginxDisabled = regexp.MustCompile(`^[0-9/]+ [0-9:]+ \[warn\] .* upstream server temporarily disabled\b.*, upstream: "([^"\s]+)"`)

func parseNginx(line string) (Event, bool) {
	m := nginxDisabled.FindStringSubmatch(line)
	if m == nil {
		return Event{}, false
	}
	return Event{Kind: EventServerDown, Subject: m[1], Text: line}, true
}

// keepalivedInstance is a line of vrrp_notify_fifo: INSTANCE "NAME" STATE PRIORITY.
var keepalivedInstance = regexp.MustCompile(`^INSTANCE "([^"\s]+)" (MASTER|BACKUP|FAULT|STOP) \d+$`)

// keepalivedStop is what it says at its clean end.
const keepalivedStop State = "STOP"

// parseKeepalived gives STOP, keepalived's clean end, as FAULT: either way the node has left the election.
func parseKeepalived(line string) (Event, bool) {
	m := keepalivedInstance.FindStringSubmatch(line)
	if m == nil {
		return Event{}, false
	}
	state := State(m[2])
	if state == keepalivedStop {
		state = VRRPFault
	}
	return Event{Kind: EventVRRP, Subject: m[1], State: state, Text: line}, true
}

// squidDead is a line of Squid's cache.log: "2026/01/02 03:04:05| Detected DEAD Parent: NAME".
var squidDead = regexp.MustCompile(`^[^|]*\| Detected DEAD (?:Parent|Sibling): (\S+)$`)

func parseSquid(line string) (Event, bool) {
	m := squidDead.FindStringSubmatch(line)
	if m == nil {
		return Event{}, false
	}
	return Event{Kind: EventPeerDead, Subject: m[1], Text: line}, true
}

// parseJSON reads an Event as the builtin programs print it.
func parseJSON(line string) (Event, bool) {
	var e Event
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &e) != nil || e.Kind == "" {
		return Event{}, false
	}
	return e, true
}
