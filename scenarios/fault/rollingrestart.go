package fault

import (
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/proxy/agent"
	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

const RollingRestart proxy.FaultKind = "rolling-restart"

var rollingRestart = Kind{
	Name:    RollingRestart,
	About:   "services are stopped and started again, one after another",
	Section: OfNode,
	Roles:   []string{target.RoleProxy, target.RoleEntry, target.RoleBalancer},
	Service: true,
	Parameters: []Parameter{
		{"gap", spans(0, MaxLength), yamlfile.Span(defaultGap), "time between the starts of two restarts; Squid's shutdown_lifetime is added", "3s"},
	},
	read:        readRolling,
	complete:    completeRolling,
	prolongs:    restartingAll,
	Unpredicted: "no timer bounds the time that a service takes to stop and to start",
	Executor:    agent.RollingRestart,
	Docker:      Fidelity{Real, "the service's process is stopped by SIGTERM and started again"},
	Local:       Fidelity{Real, "the service's process is stopped by SIGTERM and started again"},
}

// defaultGap is the default of the key gap.
const defaultGap = 2 * time.Second

func readRolling(o yamlfile.Object, f *Fault) {
	f.Gap = o.Get("gap").Duration(defaultGap, 0, MaxLength)
}

// completeRolling adds the longest time that a service takes to stop to the gap, so that restarts do not overlap. It refuses a fault
// that ends before the last restart.
func completeRolling(d design.View, f *Planned) error {
	var longest time.Duration
	for _, c := range f.Candidates {
		n, _ := d.Topology.Node(c.Node)
		s, _ := n.Service(c.Service)
		longest = max(longest, lingering(s))
	}
	f.Gap += longest
	if f.Pick != target.PickAll {
		return nil
	}
	if last := f.At + time.Duration(len(f.Candidates)-1)*f.Gap; last+longest >= f.Undo {
		return reason.Errorf("fault-too-short", "%d services are restarted %s apart, the last %s after the first, but the fault lasts %s; want a longer fault or a shorter gap",
			len(f.Candidates), yamlfile.Span(f.Gap), yamlfile.Span(last-f.At), yamlfile.Span(f.Undo-f.At))
	}
	return nil
}

// restartingAll is the time that all services together take to stop: a rolling restart may strike each of them.
func restartingAll(t *topology.Topology) time.Duration {
	var all time.Duration
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			all += lingering(s)
		}
	}
	return all
}

// lingering is the time for which a stopping service keeps its connections. It refuses new ones meanwhile.
func lingering(s topology.Service) time.Duration {
	if s.StopsIn() == 0 {
		return 0
	}
	return s.OwnTimers().ShutdownLifetime
}
