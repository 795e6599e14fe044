package sim_test

import (
	"context"
	"os"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"

	"github.com/seed-ab8b6914/spof/sim"
	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/sim/local"
)

// patience is how long a spec waits on a busy machine before it fails.
const patience = 30 * time.Second

// suite is the test of this package, which synctest needs.
var suite *testing.T

func TestSim(t *testing.T) {
	suite = t
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	RunSpecs(t, "sim")
}

// program is the static spof program for the nodes: SPOF_BINARY, or else built once.
var program = func() func() string {
	path := os.Getenv("SPOF_BINARY")
	return func() string {
		if path == "" {
			var err error
			path, err = gexec.BuildWithEnvironment("github.com/seed-ab8b6914/spof/cmd/spof", []string{"CGO_ENABLED=0"})
			Expect(err).NotTo(HaveOccurred())
		}
		return path
	}
}()

var _ = AfterSuite(gexec.CleanupBuildArtifacts)

func onLocal() sim.Runtime {
	rt, err := local.New(local.Options{Binary: program(), Log: GinkgoWriter})
	Expect(err).NotTo(HaveOccurred())
	return rt
}

func onDocker(builtin bool) sim.Runtime {
	Expect(docker.Configure()).To(Succeed())
	rt, err := docker.New(docker.Options{Binary: program(), Builtin: builtin})
	Expect(err).NotTo(HaveOccurred())
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := rt.Available(ctx); err != nil {
		if os.Getenv("CI") == "true" {
			Fail("CI needs a container engine: " + err.Error())
		}
		Skip("no container engine answers: the container suites are skipped")
	}
	return rt
}
