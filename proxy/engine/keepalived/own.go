package keepalived

import (
	"regexp"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
)

// scriptsInsecure is the code of keepalived -t for a legal file whose scripts run without script_security.
const scriptsInsecure = 6

// own runs a team's keepalived.conf in the foreground.
func own(o engine.Own) proxy.Process {
	pids := []string{"/run/spof/keepalived.pid", "/run/spof/vrrp.pid", "/run/spof/checkers.pid"} // after a power loss they are stale
	return proxy.Process{
		Command: []string{"keepalived", "--dont-fork", "--log-console", "--log-detail", "--use-file", o.Path,
			"--pid", pids[0], "--vrrp_pid", pids[1], "--checkers_pid", pids[2]},
		Check:   []string{"keepalived", "--config-test", "--log-console", "--use-file", o.Path}, CheckPasses: []int{scriptsInsecure},
		Stale: pids,
	}
}

// transition matches a line of keepalived's log: DATE: (INSTANCE) Entering MASTER STATE.
var transition = regexp.MustCompile(`: \(([^)\s]+)\) Entering (MASTER|BACKUP|FAULT) STATE`)

// parseOwn reads the log: the file of a team need not name a FIFO of notifications.
func parseOwn(line string) (proxy.Event, bool) {
	m := transition.FindStringSubmatch(line)
	if m == nil {
		return proxy.Event{}, false
	}
	return proxy.Event{Kind: proxy.EventVRRP, Subject: m[1], State: proxy.State(m[2]), Text: line}, true
}
