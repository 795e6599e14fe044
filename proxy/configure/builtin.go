package configure

import (
	"encoding/json"
	"fmt"
	"path"

	"github.com/seed-ab8b6914/spof/proxy"
)

// noSysmonSleep keeps the Go runtime's monitor thread at one look per 10 ms. By default that thread sleeps while the program
// is idle, each system call wakes it, and it then looks every 20 us for some time: at 200 requests/s a third of the CPU of the
// relay and of the origin. The runtime has no such sleep while it prints its scheduler's state; here every 24 days.
const noSysmonSleep = "GODEBUG=schedtrace=2147483647" // ms

// builtin is the process of one of spof's own programs, `spof node VERB --config FILE`.
func builtin(service, engine, verb, dir string, config any) (proxy.Process, error) {
	text, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return proxy.Process{}, fmt.Errorf("configuration of %s: %w", service, err)
	}
	file := path.Join(dir, service+".json")
	return proxy.Process{
		Service: service,
		Engine:  engine,
		Files:   []proxy.File{{Path: file, Mode: 0o600, Content: string(text) + "\n"}},
		Command: []string{"spof", "node", verb, "--config", file},
		Env:     []string{noSysmonSleep},
		Events:  "json",
	}, nil
}
