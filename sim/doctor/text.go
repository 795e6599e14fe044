package doctor

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// Write renders the findings for people.
func (f Findings) Write(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, a ...any) { fmt.Fprintf(t, "  %s\t%s\n", name, fmt.Sprintf(format, a...)) }

	fmt.Fprintln(t, "engine")
	f.writeEngine(row)
	fmt.Fprintln(t, "kernel")
	row("release", "%s", f.Kernel.Release)
	row("features", "%s", f.Kernel.featureList())
	for _, name := range sysctls {
		if value, ok := f.Kernel.Sysctls[name]; ok {
			row(name, "%s", value)
		}
	}
	if f.Kernel.SYNGivesUp > 0 {
		row("silent host", "a new connection fails after %s; after ~3 s if the host is on the same segment", f.Kernel.SYNGivesUp)
	}
	fmt.Fprintln(t, "timer")
	row("resolution", "%s", f.Timer.Resolution)
	row("overshoot", "%s (p50), %s (p99) of a sleep", f.Timer.OvershootP50, f.Timer.OvershootP99)
	fmt.Fprintln(t, "limits")
	row("processors", "%d", f.Limits.CPUs)
	row("memory", "%d MB", f.Limits.MemoryBytes>>20)
	row("open files", "%d (soft), %d (hard)", f.Limits.FilesSoft, f.Limits.FilesHard)
	fmt.Fprintln(t, "runtimes")
	for _, rt := range f.Runtimes {
		state := "ready"
		if !rt.Ready {
			state = "not available"
		}
		row(rt.Name, "%s", state)
		for _, n := range rt.Notes {
			row("", "- %s", strings.ReplaceAll(n, "\n", " "))
		}
	}
	row("auto", "takes %s", f.Auto)
	for _, n := range f.AutoLacks {
		row("", "- %s", strings.ReplaceAll(n, "\n", " "))
	}
	return t.Flush()
}

func (f Findings) writeEngine(row func(name, format string, a ...any)) {
	e := f.Engine
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

// featureList lists the features in one line, in alphabetical order.
func (k Kernel) featureList() string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(k.Features)) {
		parts = append(parts, name+" "+string(k.Features[name]))
	}
	return strings.Join(parts, ", ")
}
