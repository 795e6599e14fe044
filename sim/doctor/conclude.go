package doctor

import (
	"fmt"
	"time"
)

// latenessGoal is the p99 send lateness that a load is meant to keep.
const latenessGoal = 250 * time.Microsecond

// docker says what follows for the docker runtime.
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
		note("the engine runs another kernel (%s): the nodes' clock is compared over the network, and the kernel and timer above are not theirs",
			f.Engine.Kernel)
	}
	if f.Kernel.Features["real-time group scheduling"] == Builtin {
		note("containers get no real-time priority on this kernel: the load's pacer runs at nice -20")
	}
	if len(f.Engine.Left) > 0 {
		note("labs on the engine, running or left over: %d (`spof clean` removes those whose run has ended)", len(f.Engine.Left))
	}
	return out
}

// local says what follows for the local runtime.
func (f Findings) local() Runtime {
	out := Runtime{Name: "local", Ready: true}
	note := func(format string, a ...any) { out.Notes = append(out.Notes, fmt.Sprintf(format, a...)) }
	note("spof's own engines stand in for Squid, HAProxy, nginx and keepalived; power loss and the VRRP address are emulated")
	if f.Timer.OvershootP99 > latenessGoal {
		note("sleeps overshoot by %s (p99) just now: sends are late by as much where the pacer gets no better priority (goal: %s)",
			f.Timer.OvershootP99, latenessGoal)
	}
	if f.Limits.FilesHard < 4096 {
		note("%d open files are few: every user needs one or more (ulimit -n)", f.Limits.FilesHard)
	}
	return out
}
