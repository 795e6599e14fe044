package docker

import (
	"context"
	"net"
	"path/filepath"
	"time"

	"github.com/moby/moby/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("an engine that is there and says nothing", func() {
	It("is to be started again", func() {
		socket := filepath.Join(GinkgoT().TempDir(), "engine.sock")
		silent, err := net.Listen("unix", socket) // accepts by the kernel only
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(silent.Close)
		GinkgoT().Setenv(client.EnvOverrideHost, "unix://"+socket)
		binary, err := nodeProgram()
		Expect(err).NotTo(HaveOccurred())
		r, err := New(Options{Binary: binary, Builtin: true})
		Expect(err).NotTo(HaveOccurred())
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		Expect(r.Available(ctx)).To(MatchError(ContainSubstring("(restart the engine that DOCKER_HOST names, or unset DOCKER_HOST)")))
	})
})
