package docker

import (
	"context"
	"fmt"
	"os/exec"

	"github.com/moby/moby/client"
)

// Facts are what an engine reports of itself, and the state of the images.
type Facts struct {
	Endpoint      string       `json:"endpoint,omitempty"`
	Error         string       `json:"error,omitempty"` // why no engine answers; the other fields are then empty
	Version       string       `json:"version,omitempty"`
	API           string       `json:"api,omitempty"` // the version that is spoken
	Platform      string       `json:"platform,omitempty"`
	Kernel        string       `json:"kernel,omitempty"`
	CPUs          int          `json:"cpus,omitempty"`
	MemoryBytes   int64        `json:"memory_bytes,omitempty"`
	StorageDriver string       `json:"storage_driver,omitempty"`
	CgroupVersion string       `json:"cgroup_version,omitempty"`
	Images        []ImageFacts `json:"images,omitempty"`
	Left          []string     `json:"left,omitempty"` // living and dead labs
}

// ImageFacts are the state of one image.
type ImageFacts struct {
	Tag   string `json:"tag"`
	What  string `json:"what"`
	Ready bool   `json:"ready"`
	How   string `json:"how"` // how it would be made, or why it cannot be made
}

// Inspect asks the engine. It never fails: Facts.Error says that the engine does not answer. binary is Options.Binary.
func Inspect(ctx context.Context, binary string) Facts {
	e, err := connect(ctx)
	if err != nil {
		return Facts{Error: err.Error()}
	}
	f := Facts{Endpoint: e.api.DaemonHost(), API: e.api.ClientVersion()}
	info, err := e.api.Info(ctx, client.InfoOptions{})
	if err != nil {
		f.Error = err.Error()
		return f
	}
	i := info.Info
	f.Version, f.Platform, f.Kernel = i.ServerVersion, i.OSType+"/"+i.Architecture, i.KernelVersion
	f.CPUs, f.MemoryBytes, f.StorageDriver, f.CgroupVersion = i.NCPU, i.MemTotal, i.Driver, i.CgroupVersion
	f.Images = []ImageFacts{builtinFacts(ctx, e, binary), debian.facts(ctx, e)}
	labs, _ := e.labs(ctx)
	for _, l := range labs {
		f.Left = append(f.Left, l.ID)
	}
	return f
}

func builtinFacts(ctx context.Context, e *engine, binary string) ImageFacts {
	f := ImageFacts{Tag: "spof/node", What: "only the program: clients, gateways, origins, builtin engines"}
	r, err := New(Options{Binary: binary})
	if err != nil {
		f.How = "cannot be made: " + err.Error()
		return f
	}
	f.Tag, f.How = r.program.builtinTag(), "from "+r.program.path+", a second or so"
	id, err := imageID(ctx, e, f.Tag)
	f.Ready = err == nil && id != ""
	return f
}

func (r recipe) facts(ctx context.Context, e *engine) ImageFacts {
	f := ImageFacts{Tag: r.tag(), What: "the real engines: Squid, HAProxy, nginx, keepalived"}
	id, err := imageID(ctx, e, f.Tag)
	f.Ready = err == nil && id != ""
	local, _ := imageID(ctx, e, r.from())
	tool, _ := exec.LookPath(mmTool)
	switch {
	case local != "":
		f.How = fmt.Sprintf("from %s, which the engine has, and Debian's packages: a minute or so", r.from())
	case tool != "":
		f.How = fmt.Sprintf("from %s if a registry gives it within %s, else with %s: a minute or so", r.from(), pullTime, mmTool)
	default:
		f.How = fmt.Sprintf("from %s if a registry gives it within %s (%s, the other way, is not installed)", r.from(), pullTime, mmTool)
	}
	return f
}
