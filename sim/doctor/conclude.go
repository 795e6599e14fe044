package doctor

import (
	"fmt"
	"time"
)

// latenessGoal is the largest p99 send lateness that a load should have.
const latenessGoal = 250 * time.Microsecond

// docker returns what the findings mean for the docker runtime.
func (f Findings) docker() Runtime {
	out := Runtime{Name: "docker", Ready: f.Engine.Error == ""}
	note := func(format string, a ...any) { out.Notes = append(out.Notes, fmt.Sprintf(format, a...)) }
	if !out.Ready {
		note("%s", f.Engine.Error)
		return out
	}
	for _, i := range f.Engine.Images {
		if !i.Ready {
			note("the first run makes %s (%s): %s", i.Tag, i.What, i.How)
		}
	}
	if f.Engine.Kernel != f.Kernel.Release {
		note("the engine runs on another kernel (%s): the nodes' clock is measured over the network; the kernel and timer above are those of this host",
			f.Engine.Kernel)
	}
	if f.Kernel.Features["real-time group scheduling"] == Builtin {
		note("containers get no real-time priority on this kernel: the load generator sends with nice -20 instead")
	}
	if len(f.Engine.Left) > 0 {
		note("labs on the engine: %d (`spof clean` removes those whose run has ended)", len(f.Engine.Left))
	}
	return out
}

// local returns what the findings mean for the local runtime.
func (f Findings) local() Runtime {
	out := Runtime{Name: "local", Ready: true}
	note := func(format string, a ...any) { out.Notes = append(out.Notes, fmt.Sprintf(format, a...)) }
	note("spof's own engines stand in for Squid, HAProxy, nginx and keepalived; power loss and the VRRP address are emulated")
	if f.Timer.OvershootP99 > latenessGoal {
		note("a sleep now takes %s (p99) too long: without a higher priority of the load generator, requests leave as late (goal: %s)",
			f.Timer.OvershootP99, latenessGoal)
	}
	if f.Limits.FilesHard < 4096 {
		note("the limit of %d open files is low: every user needs one or more; raise it with ulimit -n", f.Limits.FilesHard)
	}
	return out
}
