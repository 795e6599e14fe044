package docker

import (
	"context"
	"net"
	"path/filepath"
	"time"

	"github.com/moby/moby/client"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/reason"
)

var _ = Describe("an engine that accepts connections and sends nothing", func() {
	It("must be restarted", func() {
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
		err = r.Available(ctx)
		Expect(reason.Codes(err)).To(Equal([]string{"no-engine"}))
		Expect(err).To(MatchError(ContainSubstring("restart the engine that DOCKER_HOST names")))
	})
})
