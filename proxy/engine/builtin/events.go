package builtin

import (
	"encoding/json"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy"
)

// parse reads an Event that a builtin program printed.
func parse(line string) (proxy.Event, bool) {
	var e proxy.Event
	if !strings.HasPrefix(line, "{") || json.Unmarshal([]byte(line), &e) != nil || e.Kind == "" {
		return proxy.Event{}, false
	}
	return e, true
}
