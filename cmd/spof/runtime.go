package main

import (
	"context"
	"fmt"

	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
)

// chooseRuntime gives the runtime of that name and why it was chosen.
func chooseRuntime(ctx context.Context, name string, builtin bool, binary string) (sim.Runtime, string, error) {
	switch name {
	case "docker":
		rt, err := newDocker(ctx, builtin, binary)
		return rt, "as asked for", err
	case "local":
		rt, err := local.New(local.Options{Binary: binary})
		return rt, "as asked for: spof's own engines on loopback", err
	case "auto":
		rt, err := newDocker(ctx, builtin, binary)
		if err == nil {
			return rt, "auto: an engine answers", nil
		}
		if ctx.Err() != nil {
			return nil, "", err
		}
		own, errLocal := local.New(local.Options{Binary: binary})
		return own, fmt.Sprintf("auto: spof's own engines on loopback, because %v", err), errLocal
	}
	return nil, "", usageError{fmt.Errorf("--runtime %q: valid are auto, docker, local", name)}
}

func newDocker(ctx context.Context, builtin bool, binary string) (sim.Runtime, error) {
	if err := docker.Configure(); err != nil {
		return nil, err
	}
	rt, err := docker.New(docker.Options{Binary: binary, Builtin: builtin})
	if err != nil {
		return nil, err
	}
	if err := rt.Available(ctx); err != nil {
		return nil, err
	}
	return rt, nil
}
