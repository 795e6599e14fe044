package doctor

import (
	"fmt"
	"time"
)

// latenessGoal is the p99 send lateness that a load is meant to keep.
const latenessGoal = 250 * time.Microsecond

// docker says what follows for the docker runtime.
func (r Report) docker() Runtime {
	out := Runtime{Name: "docker", Ready: r.Engine.Error == ""}
	note := func(format string, a ...any) { out.Notes = append(out.Notes, fmt.Sprintf(format, a...)) }
	if !out.Ready {
		note("%s", r.Engine.Error)
		return out
	}
	for _, i := range r.Engine.Images {
		if !i.Ready {
			note("the first run makes %s (%s): %s", i.Tag, i.What, i.How)
		}
	}
	if r.Engine.Kernel != r.Kernel.Release {
		note("the engine runs another kernel (%s): the nodes' clock is compared over the network, and this report's kernel and timer are not theirs",
			r.Engine.Kernel)
	}
	if r.Kernel.Features["real-time group scheduling"] == Builtin {
		note("containers get no real-time priority on this kernel: the load's pacer runs at nice -20")
	}
	if len(r.Engine.Left) > 0 {
		note("labs on the engine, running or left over: %d (`spof clean` removes them all)", len(r.Engine.Left))
	}
	return out
}

// local says what follows for the local runtime.
func (r Report) local() Runtime {
	out := Runtime{Name: "local", Ready: true}
	note := func(format string, a ...any) { out.Notes = append(out.Notes, fmt.Sprintf(format, a...)) }
	note("spof's own engines stand in for Squid, HAProxy and keepalived; power loss and the VRRP address are emulated")
	if r.Timer.OvershootP99 > latenessGoal {
		note("sleeps overshoot by %s (p99) just now: sends are late by as much where the pacer gets no better priority (goal: %s)",
			r.Timer.OvershootP99, latenessGoal)
	}
	if r.Limits.FilesHard < 4096 {
		note("%d open files are few: every user needs one or more (ulimit -n)", r.Limits.FilesHard)
	}
	return out
}

// Choice is the runtime that `auto` takes here.
func (r Report) Choice() string {
	for _, rt := range r.Runtimes {
		if rt.Ready {
			return rt.Name
		}
	}
	return ""
}
