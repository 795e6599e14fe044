package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// ErrUnavailable is in every error whose cause is the environment and not the user's files: no engine answers, or an image cannot
// be made.
var ErrUnavailable = errors.New("environment unavailable")

// answerTime bounds the first answer of an engine: an idle engine takes milliseconds, a busy one seconds.
const answerTime = 15 * time.Second

// Configure sets testcontainers-go up for the whole process: silent, and without its reaper, whose image may not be available. The
// leases do the reaper's work. A program calls Configure once, before it uses a Runtime. A test suite that uses testcontainers-go
// itself may omit the call: its own settings then apply to labs.
func Configure() error {
	log.SetDefault(log.NewNoopLogger())
	return os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
}

// engine is a connection to a container engine.
type engine struct {
	provider *testcontainers.DockerProvider // creates containers
	api      client.APIClient               // for all else
}

// reaps reports whether testcontainers-go starts its reaper before a container. It reads its settings once for the process.
func (e *engine) reaps() bool { return !e.provider.Config().Config.RyukDisabled }

// connect finds the engine as testcontainers-go does (DOCKER_HOST, the Docker context, the usual sockets) and checks that it
// answers.
func connect(ctx context.Context) (*engine, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if err := pingNamed(ctx); err != nil {
		return nil, unavailable(err)
	}
	type result struct {
		p   *testcontainers.DockerProvider
		err error
	}
	got := make(chan result, 1)
	go func() { // it takes no context
		p, err := provider(testcontainers.Bridge)
		got <- result{p, err}
	}()
	select {
	case r := <-got:
		if r.err != nil {
			return nil, unavailable(r.err)
		}
		// A separate client: testcontainers-go closes the idle connections of its client after every step with a container, and
		// that can break a request on one of them.
		own, err := client.New(client.FromEnv, client.WithHost(r.p.Client().DaemonHost()))
		if err != nil {
			return nil, unavailable(err)
		}
		e := &engine{provider: r.p, api: own}
		if _, err := e.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
			return nil, unavailable(err)
		}
		return e, e.joinNothing(ctx)
	case <-ctx.Done():
		return nil, unavailable(fmt.Errorf("no answer: %w", ctx.Err()))
	}
}

// provider gives a silent testcontainers-go. It joins no container to a network that was not asked for if the engine has the default network.
func provider(defaultNetwork string) (*testcontainers.DockerProvider, error) {
	return testcontainers.NewDockerProvider(testcontainers.WithLogger(log.NewNoopLogger()), testcontainers.WithDefaultBridgeNetwork(defaultNetwork))
}

// noNetwork is the network without links that every Docker Engine has.
const noNetwork = "none"

// joinNothing prepares for an engine without a bridge. There testcontainers-go would make a network with a way out, and join every node to it.
func (e *engine) joinNothing(ctx context.Context) error {
	has, err := e.api.NetworkList(ctx, client.NetworkListOptions{})
	if err != nil {
		return unavailable(err)
	}
	named := func(name string) func(network.Summary) bool {
		return func(n network.Summary) bool { return n.Name == name }
	}
	if !slices.ContainsFunc(has.Items, named(testcontainers.Bridge)) && slices.ContainsFunc(has.Items, named(noNetwork)) {
		e.provider, err = provider(noNetwork)
	}
	return err
}

// pingNamed checks that the engine that DOCKER_HOST names answers. testcontainers-go would silently use another engine.
func pingNamed(ctx context.Context) error {
	host := os.Getenv(client.EnvOverrideHost)
	if host == "" {
		return nil
	}
	c, err := client.New(client.FromEnv)
	if err == nil {
		defer c.Close()
		_, err = c.Ping(ctx, client.PingOptions{})
	}
	if err != nil {
		return fmt.Errorf("%s=%s: %w", client.EnvOverrideHost, host, err)
	}
	return nil
}

func unavailable(err error) error {
	return &Missing{What: ErrNoEngine, Remedy: engineRemedy(errors.Is(err, context.DeadlineExceeded)), Cause: err}
}

// settled detaches a change to the engine from the caller's context. The engine may carry out an aborted request, and then nothing would
// remove the result. The caller checks its own context between changes.
func settled(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}
