package scenarios

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/engine"
	"github.com/seed-ab8b6914/spof/proxy/engine/registry"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// Programs that a config-break may strike.
const (
	ProgramService    = "service"    // the one that the role means
	ProgramKeepalived = "keepalived" // what holds the node's addresses
)

func readConfigBreak(o yamlfile.Object, f *Fault) {
	f.Program = o.Get("program").OneOf(ProgramService, ProgramService, ProgramKeepalived)
}

// completeConfigBreak refuses what reads its configuration only once.
func (d design) completeConfigBreak(f *PlannedFault) error {
	for _, c := range f.Candidates {
		n, _ := d.t.Node(c.Node)
		if s, ok := n.Service(c.Service); ok && engineOf(s).Reload == nil {
			return fmt.Errorf("%s is of the engine %s, which reads its configuration once and cannot reload; crash is what is left", c, s.Engine)
		}
	}
	return nil
}

// engineOf is what is known of a service's engine.
func engineOf(s topology.Service) engine.Engine {
	e, _ := registry.Of(string(s.Engine))
	return e
}

// keepalivedOn gives the process that holds addresses on a node, for a fault that strikes it.
func (d design) keepalivedOn(node string) (string, error) {
	for _, a := range d.t.Addresses {
		for _, m := range a.Members {
			if m.Node == node {
				return proxy.ServiceKeepalived, nil
			}
		}
	}
	return "", fmt.Errorf("node %s holds no address, so there is no keepalived on it", node)
}

// predictConfigBreak is by what the engines do: HAProxy and nginx keep the configuration they have; Squid dies of a bad
// one, which is a crash to everybody else. keepalived is not predicted.
func (d design) predictConfigBreak(f PlannedFault) *Prediction {
	if f.Program != ProgramService {
		return open("what keepalived makes of a broken configuration no timer says")
	}
	engines, dies := map[topology.Engine]bool{}, false
	for _, c := range f.Candidates {
		n, _ := d.t.Node(c.Node)
		s, _ := n.Service(c.Service)
		engines[s.Engine], dies = true, engineOf(s).DiesOfReload
	}
	switch {
	case len(engines) != 1:
		return open("it may strike different engines, which take a broken configuration differently")
	case dies:
		return d.predictLoss(f)
	}
	return quiet("the engine refuses the configuration and goes on with the one it has")
}

// defaultGap is how long a rolling restart waits between two services.
const defaultGap = 2 * time.Second

func readRolling(o yamlfile.Object, f *Fault) {
	f.Gap = o.Get("gap").Duration(defaultGap, 0, maxPhase)
}

// restarting is how much longer the fault phase of a scenario has to be on a design whose services take their time to end:
// Squid's shutdown_lifetime, for each that a rolling restart may come to, or for one with a cold cache. A fault with a length of
// its own keeps that.
func (s *Scenario) restarting(t *topology.Topology) time.Duration {
	var all, longest time.Duration
	for _, n := range t.Nodes {
		for _, service := range n.Services {
			lingers := lingering(service)
			all, longest = all+lingers, max(longest, lingers)
		}
	}
	var more time.Duration
	for _, f := range s.Faults {
		switch {
		case f.For != 0:
		case f.Kind == RollingRestart:
			more = max(more, all)
		case f.Kind == ColdCache:
			more = max(more, longest)
		}
	}
	return more
}

// lingering is how long a service goes on for the users it has when it is told to end. It refuses others meanwhile.
func lingering(s topology.Service) time.Duration {
	if s.Engine != topology.Squid {
		return 0
	}
	return s.OwnTimers().ShutdownLifetime
}

// completeRolling adds to the gap between two restarts what a service takes to end, so that they do not overlap, and refuses a rolling restart that is not through when the fault ends.
func (d design) completeRolling(f *PlannedFault) error {
	var longest time.Duration
	for _, c := range f.Candidates {
		n, _ := d.t.Node(c.Node)
		s, _ := n.Service(c.Service)
		longest = max(longest, lingering(s))
	}
	f.Gap += longest
	if f.Pick != PickAll {
		return nil
	}
	if last := f.At + time.Duration(len(f.Candidates)-1)*f.Gap; last+longest >= f.Undo {
		return fmt.Errorf("the last of %d services, %s apart, would be restarted %s after the first, but the fault lasts %s",
			len(f.Candidates), span(f.Gap), span(last-f.At), span(f.Undo-f.At))
	}
	return nil
}
