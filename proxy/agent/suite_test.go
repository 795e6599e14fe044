package agent

import (
	"context"
	"fmt"
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestAgent(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "agent")
}

// TestMain lets the test program be a cache that a spec starts.
func TestMain(m *testing.M) {
	if dir := os.Getenv(cacheEnv); dir != "" {
		fmt.Fprintln(os.Stderr, serveCache(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// boot boots a node and says whether it could.
func boot(ctx context.Context, h *host) error {
	_, _, err := h.boot(ctx)
	return err
}
