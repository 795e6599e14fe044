package docker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// ErrUnavailable is in every error that says that the environment, not the user's files, stands in the way: no engine
// answers, or an image is out of reach.
var ErrUnavailable = errors.New("environment unavailable")

// answerTime is how long an engine may take to answer the first time: milliseconds, but seconds where others keep it busy.
const answerTime = 15 * time.Second

// Configure sets testcontainers-go up for the whole process: silent, and without its reaper, whose image may be out of
// reach and whose work the leases do. A program calls it once, before it uses a Runtime. A test suite that uses
// testcontainers-go itself may leave it out: its own settings then hold for labs too.
func Configure() error {
	log.SetDefault(log.NewNoopLogger())
	return os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
}

// engine is a connection to a container engine.
type engine struct {
	provider *testcontainers.DockerProvider // makes containers
	api      client.APIClient               // does what it has no word for
}

// connect finds the engine as testcontainers-go does (DOCKER_HOST, the Docker context, the usual sockets) and sees that
// it answers.
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
		p, err := testcontainers.NewDockerProvider(
			testcontainers.WithLogger(log.NewNoopLogger()), testcontainers.WithDefaultBridgeNetwork(testcontainers.Bridge))
		got <- result{p, err}
	}()
	select {
	case r := <-got:
		if r.err != nil {
			return nil, unavailable(r.err)
		}
		// A client of our own: testcontainers-go closes the idle connections of its own after every step with a container, which
		// now and then breaks a request that is about to go out on one.
		own, err := client.New(client.FromEnv, client.WithHost(r.p.Client().DaemonHost()))
		if err != nil {
			return nil, unavailable(err)
		}
		e := &engine{provider: r.p, api: own}
		if _, err := e.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
			return nil, unavailable(err)
		}
		return e, nil
	case <-ctx.Done():
		return nil, unavailable(fmt.Errorf("no answer: %w", ctx.Err()))
	}
}

// pingNamed sees that the engine that DOCKER_HOST names answers: testcontainers-go would take another one silently.
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

// settled detaches a change to the engine from the caller's context: a request that is cut off midway may still be
// carried out, and what it made would be nobody's. The caller checks its own context between changes.
func settled(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
}
