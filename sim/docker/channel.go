package docker

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"

	"github.com/seed-ab8b6914/spof/proxy/agent"
)

// dialFunc shakes hands with an agent.
type dialFunc func(ctx context.Context, node string, rw io.ReadWriteCloser) (*agent.Link, error)

// channel is the attached standard input and output of a container. The error that ends Read contains the last lines of the container's
// standard error.
type channel struct {
	conn client.HijackedResponse
	out  *io.PipeReader
}

// attach attaches to a container. ended gives the reason if the container ended by itself.
func attach(ctx context.Context, api client.APIClient, container string, ended func() error) (*channel, error) {
	a, err := api.ContainerAttach(ctx, container, client.ContainerAttachOptions{
		Stream: true, Stdin: true, Stdout: true, Stderr: true,
	})
	if err != nil {
		return nil, err
	}
	r, w := io.Pipe()
	go func() {
		var stderr tail
		_, err := stdcopy.StdCopy(w, &stderr, a.Reader)
		if err == nil {
			err = ended()
		}
		if s := stderr.String(); s != "" {
			err = fmt.Errorf("its container wrote %q: %w", s, err)
		}
		_ = w.CloseWithError(err)
	}()
	return &channel{conn: a.HijackedResponse, out: r}, nil
}

func (c *channel) Read(p []byte) (int, error)  { return c.out.Read(p) }
func (c *channel) Write(p []byte) (int, error) { return c.conn.Conn.Write(p) }

// Close ends the lease: the engine closes the container's standard input.
func (c *channel) Close() error {
	err := c.conn.Conn.Close()
	_ = c.out.Close() // never fails
	return err
}

// tail keeps the end of what is written to it.
type tail struct {
	mu sync.Mutex
	b  []byte
}

// tailSize bounds what a tail keeps, in bytes.
const tailSize = 2 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.b = append(t.b, p...)
	if over := len(t.b) - tailSize; over > 0 {
		t.b = append(t.b[:0], t.b[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(string(t.b))
}
