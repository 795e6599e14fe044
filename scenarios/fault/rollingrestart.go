package fault

import (
	"fmt"
	"time"

	"github.com/seed-ab8b6914/spof/proxy"
	"github.com/seed-ab8b6914/spof/scenarios/design"
	"github.com/seed-ab8b6914/spof/scenarios/target"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

var rollingRestart = Kind{
	Name:    proxy.RollingRestart,
	About:   "services are ended in order and started again, one after another",
	Section: OfNode,
	Roles:   []string{target.RoleProxy, target.RoleEntry, target.RoleBalancer},
	Service: true,
	Parameters: []Parameter{
		{"gap", spans(0, MaxLength), yamlfile.Span(defaultGap), "time between the starts of two restarts; Squid's shutdown_lifetime is added", "3s"},
	},
	read:        readRolling,
	complete:    completeRolling,
	prolongs:    restartingAll,
	Unpredicted: "each service is away for as long as it takes to stop and to start",
	Docker:      Fidelity{Real, "the service's process ended by SIGTERM and started anew"},
	Local:       Fidelity{Real, "the service's process ended by SIGTERM and started anew"},
}

// defaultGap is how long a rolling restart waits between two services.
const defaultGap = 2 * time.Second

func readRolling(o yamlfile.Object, f *Fault) {
	f.Gap = o.Get("gap").Duration(defaultGap, 0, MaxLength)
}

// completeRolling adds to the gap between two restarts what a service takes to end, so that they do not overlap, and refuses a rolling restart that is not through when the fault ends.
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
		return fmt.Errorf("the last of %d services, %s apart, would be restarted %s after the first, but the fault lasts %s",
			len(f.Candidates), yamlfile.Span(f.Gap), yamlfile.Span(last-f.At), yamlfile.Span(f.Undo-f.At))
	}
	return nil
}

// restartingAll is how long all services take to end, since a rolling restart may come to each of them.
func restartingAll(t *topology.Topology) time.Duration {
	var all time.Duration
	for _, n := range t.Nodes {
		for _, s := range n.Services {
			all += lingering(s)
		}
	}
	return all
}

// lingering is how long a service goes on for the users it has when it is told to end. It refuses others meanwhile.
func lingering(s topology.Service) time.Duration {
	if s.Engine != topology.Squid {
		return 0
	}
	return s.OwnTimers().ShutdownLifetime
}
