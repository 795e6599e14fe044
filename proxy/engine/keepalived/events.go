package keepalived

import (
	"regexp"

	"github.com/seed-ab8b6914/spof/proxy"
)

// keepalivedInstance matches a line of vrrp_notify_fifo: INSTANCE "NAME" STATE PRIORITY.
var keepalivedInstance = regexp.MustCompile(`^INSTANCE "([^"\s]+)" (MASTER|BACKUP|FAULT|STOP) \d+$`)

// stopped is the state of keepalived's clean end.
const stopped proxy.State = "STOP"

// parse reads STOP as FAULT: either way the node has left the election.
func parse(line string) (proxy.Event, bool) {
	m := keepalivedInstance.FindStringSubmatch(line)
	if m == nil {
		return proxy.Event{}, false
	}
	state := proxy.State(m[2])
	if state == stopped {
		state = proxy.VRRPFault
	}
	return proxy.Event{Kind: proxy.EventVRRP, Subject: m[1], State: state, Text: line}, true
}
