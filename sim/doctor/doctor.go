// Package doctor examines a machine and says what the runtimes can do on it: the engine, the images, the kernel, its timers and
// limits. Begin at Examine; its Findings are plain data with a text form. It changes nothing and needs no container engine.
package doctor

import (
	"context"

	"github.com/seed-ab8b6914/spof/sim/docker"
)

// Findings are all that was found.
type Findings struct {
	Engine   docker.Facts `json:"engine"`
	Kernel   Kernel       `json:"kernel"`
	Timer    Timer        `json:"timer"`
	Limits   Limits       `json:"limits"`
	Runtimes []Runtime    `json:"runtimes"`
	// Auto is what --runtime auto takes here, and AutoLacks what is missing for what it would rather take. Who chooses says them.
	Auto      string   `json:"auto"`
	AutoLacks []string `json:"auto_lacks,omitempty"`
}

// Runtime is what follows for a runtime.
type Runtime struct {
	Name  string   `json:"name"`
	Ready bool     `json:"ready"`
	Notes []string `json:"notes"`
}

// Examine looks at this machine and, where one answers, at its container engine. It takes a few seconds at most.
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
