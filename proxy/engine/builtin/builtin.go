// Package builtin is the engine of spof's own programs: a forward proxy, a balancer, a DNS responder and an election by VRRP. They stand in for the real
// engines where those are not. Beside what a design calls an engine it has the programs of gateways and origins. The
// programs themselves are in package proxy/builtin.
package builtin

import (
	"encoding/json"
	"fmt"
	"path"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is spof's own. It reads its configuration once.
var Engine = engine.Engine{
	Name:         string(topology.Builtin),
	Process:      process,
	Events:       events,
	Event:        parse,
	Capabilities: capabilities,
}

// capabilities gives NET_RAW to what holds addresses: it sends the gratuitous ARP.
func capabilities(s topology.Service) []string {
	if s.Name == proxy.ServiceKeepalived {
		return []string{"NET_RAW"}
	}
	return nil
}

// events is the parser of what the programs print.
const events = "json"

// process is the program that a service is, or that holds the node's addresses.
func process(t engine.Task) (proxy.Process, error) {
	switch s := t.Service; {
	case len(t.Instances) > 0:
		return vrrp(t)
	case s.Responds():
		return responder(t)
	case s.Balances():
		return balancer(t)
	}
	return forward(t)
}

// noSysmonSleep keeps the Go runtime's monitor thread at one look per 10 ms. By default that thread sleeps while the program
// is idle, each system call wakes it, and it then looks every 20 us for some time: at 200 requests/s a third of the CPU of the
// relay and of the origin. The runtime has no such sleep while it prints its scheduler's state; here every 24 days.
const noSysmonSleep = "GODEBUG=schedtrace=2147483647" // ms

// program is the process of one of the programs, `spof node VERB --config FILE`; name is that of the file.
func program(name, verb, dir string, config any) (proxy.Process, error) {
	text, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return proxy.Process{}, fmt.Errorf("configuration of %s: %w", name, err)
	}
	file := path.Join(dir, name+".json")
	return proxy.Process{
		Files:   []proxy.File{{Path: file, Mode: 0o600, Content: string(text) + "\n"}},
		Command: []string{"spof", "node", verb, "--config", file},
		Env:     []string{noSysmonSleep},
		Events:  events,
	}, nil
}
