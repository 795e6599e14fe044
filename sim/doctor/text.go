package doctor

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Write renders the report for people.
func (r Report) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, a ...any) { fmt.Fprintf(t, "  %s\t%s\n", name, fmt.Sprintf(format, a...)) }

	fmt.Fprintln(t, "engine")
	r.writeEngine(row)
	fmt.Fprintln(t, "kernel")
	row("release", "%s", r.Kernel.Release)
	row("features", "%s", r.Kernel.featureList())
	for _, name := range sysctls {
		if value, ok := r.Kernel.Sysctls[name]; ok {
			row(name, "%s", value)
		}
	}
	if r.Kernel.SYNGivesUp > 0 {
		row("silent host", "a new connection fails after %s, or ~3 s where the host was on the same segment", r.Kernel.SYNGivesUp)
	}
	fmt.Fprintln(t, "timer")
	row("resolution", "%s", r.Timer.Resolution)
	row("overshoot", "%s (p50), %s (p99) of a sleep", r.Timer.OvershootP50, r.Timer.OvershootP99)
	fmt.Fprintln(t, "limits")
	row("processors", "%d", r.Limits.CPUs)
	row("memory", "%d MB", r.Limits.MemoryBytes>>20)
	row("open files", "%d (soft), %d (hard)", r.Limits.FilesSoft, r.Limits.FilesHard)
	fmt.Fprintln(t, "runtimes")
	for _, rt := range r.Runtimes {
		state := "ready"
		if !rt.Ready {
			state = "not available"
		}
		row(rt.Name, "%s", state)
		for _, n := range rt.Notes {
			row("", "- %s", strings.ReplaceAll(n, "\n", " "))
		}
	}
	row("auto", "takes %s", r.Choice())
	return t.Flush()
}

func (r Report) writeEngine(row func(name, format string, a ...any)) {
	e := r.Engine
	if e.Error != "" {
		row("state", "none answers")
		return
	}
	row("endpoint", "%s", e.Endpoint)
	row("version", "%s, API %s, %s, kernel %s", e.Version, e.API, e.Platform, e.Kernel)
	row("storage", "%s, cgroup v%s", e.StorageDriver, e.CgroupVersion)
	row("size", "%d processors, %d MB", e.CPUs, e.MemoryBytes>>20)
	for _, i := range e.Images {
		state := "present"
		if !i.Ready {
			state = "missing; made " + i.How
		}
		row("image "+i.Tag, "%s (%s)", state, i.What)
	}
}

// featureList is one line, in the alphabet's order.
func (k Kernel) featureList() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(k.Features)) {
		parts = append(parts, name+" "+string(k.Features[name]))
	}
	return strings.Join(parts, ", ")
}
