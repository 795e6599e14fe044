package spoftest_test

import (
	"context"
	"net/http"
	"os"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/spoftest"
)

// needsEngine skips the spec without a container engine, or fails it under CI.
func needsEngine(ctx context.Context) {
	GinkgoHelper()
	Expect(docker.Configure()).To(Succeed()) // testcontainers-go reads its settings once
	_, err := docker.Architecture(ctx)
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		Fail("CI needs a container engine: " + err.Error())
	default:
		Skip("needs a container engine: " + err.Error())
	}
}

var _ = DescribeTable("a lab with real engines serves a client on the host", Label("docker"), func(ctx SpecContext, design string) {
	needsEngine(ctx)
	t := run(func(t *test) {
		lab := spoftest.Start(t, design, append(program(), spoftest.OnDocker())...)
		for _, scheme := range []string{"http", "https"} {
			r, err := lab.Client().Get(lab.Page(scheme, 100, "a"))
			Expect(err).NotTo(HaveOccurred())
			Expect(r.Body.Close()).To(Succeed())
			Expect(r.StatusCode).To(Equal(http.StatusOK), scheme)
		}
	})
	Expect(t.failure).To(BeEmpty())
},
	Entry("at a Squid", NodeTimeout(5*time.Minute), "active-passive"),
	Entry("behind nginx", NodeTimeout(5*time.Minute), "active-active-nginx"),
	Entry("at the first proxy of a PAC file", NodeTimeout(5*time.Minute), "pac-failover"),
)
