// Package builtin is the engine of spof's own programs: a forward proxy, a balancer, a DNS server and an election by VRRP. They stand
// in for real engines that are not available. It also has the programs of gateways and origins. The programs themselves are in
// package proxy/builtin.
package builtin

import (
	"encoding/json"
	"fmt"
	"path"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/topology"
)

// Engine is spof's own. It cannot reload its configuration.
var Engine = engine.Engine{
	Name:         string(topology.Builtin),
	Process:      process,
	Events:       events,
	Event:        parse,
	Capabilities: capabilities,
}

// capabilities gives NET_RAW to the process that holds addresses, for gratuitous ARP.
func capabilities(s topology.Service) []string {
	if s.Name == proxy.ServiceKeepalived {
		return []string{"NET_RAW"}
	}
	return nil
}

// events names the parser of the programs' output.
const events = "json"

// process runs the program of a service, or the one that holds the node's addresses.
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

// noSysmonSleep keeps the Go runtime's monitor thread at one poll per 10 ms. By default that thread sleeps while the program is idle,
// each system call wakes it, and it then polls every 20 us for some time: at 200 requests/s that is a third of the CPU of the relay
// and of the origin. The thread does not sleep while the runtime prints the scheduler's state; here it prints every 24 days.
const noSysmonSleep = "GODEBUG=schedtrace=2147483647" // ms

// program runs `spof node VERB --config FILE`; name is the file's name.
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
