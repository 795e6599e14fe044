// Package doctor examines a machine and says what the runtimes can do on it: the engine, the images, the kernel, its timers and
// limits. Begin at Examine; its Findings are plain data with a text form. It changes nothing and needs no container engine.
package doctor

import (
	"context"

	"github.com/seed-ab8b6914/spof/sim/docker"
)

// Findings are the result of an examination.
type Findings struct {
	Engine   docker.Facts `json:"engine"`
	Kernel   Kernel       `json:"kernel"`
	Timer    Timer        `json:"timer"`
	Limits   Limits       `json:"limits"`
	Runtimes []Runtime    `json:"runtimes"`
	// Auto is the runtime that --runtime auto takes here. AutoLacks has a line for each better runtime: what it lacks. Examine leaves both
	// empty; the caller fills them in.
	Auto      string   `json:"auto"`
	AutoLacks []string `json:"auto_lacks,omitempty"`
}

// Runtime is what the findings mean for a runtime.
type Runtime struct {
	Name  string   `json:"name"`
	Ready bool     `json:"ready"`
	Notes []string `json:"notes"`
}

// Examine reads the state of this machine, and of its container engine if one answers. It takes a few seconds at most.
func Examine(ctx context.Context) Findings {
	f := Findings{
		Engine: docker.Inspect(ctx, ""),
		Kernel: readKernel(),
		Timer:  measureTimer(),
		Limits: readLimits(),
	}
	f.Runtimes = []Runtime{f.docker(), f.local()}
	return f
}
