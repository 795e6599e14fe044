package haproxy

import (
	"regexp"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
)

// limits is a second configuration file. A lab may allow fewer open files than a maxconn needs; HAProxy then warns and goes on.
const limits = "global\n    no strict-limits\n"

// own runs a team's haproxy.cfg in the foreground. -db only takes back the word daemon.
func own(o engine.Own) proxy.Process {
	more := proxy.File{Path: "/run/spof/limits.cfg", Mode: 0o644, Content: limits}
	return proxy.Process{
		Files:   []proxy.File{more},
		Command: []string{"haproxy", "-db", "-f", o.Path, "-f", more.Path}, Check: []string{"haproxy", "-c", "-f", o.Path},
	}
}

// stderrLine matches what HAProxy in the foreground also writes to standard error, wherever its log goes: [WARNING]  (12) : TEXT.
var stderrLine = regexp.MustCompile(`^\[(?:WARNING|ALERT|NOTICE)\]\s+\(\d+\) : (.*)$`)

// parseOwn reads the copies of the log on standard error: the log of a team may go anywhere.
func parseOwn(line string) (proxy.Event, bool) {
	m := stderrLine.FindStringSubmatch(line)
	if m == nil {
		return proxy.Event{}, false
	}
	return parse(m[1])
}
