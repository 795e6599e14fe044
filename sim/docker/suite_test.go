package docker

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gexec"
	"github.com/testcontainers/testcontainers-go"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology"
	"github.com/seed-ab8b6914/spof/topology/pac"
)

// The roles of this test program when a spec starts it as a separate process.
const (
	roleVariable = "SPOF_TEST_ROLE"
	roleAsk      = "ask"   // ask whether an engine answers, print the error
	roleMake     = "make"  // make a container, print the error
	roleHold     = "hold"  // bring a lab up, print its ID, and hold it until killed
	roleGuard    = "guard" // start a guarded command that makes a directory, print its process, and wait

	messVariable = "SPOF_TEST_MESS" // the directory of roleGuard
)

func TestMain(m *testing.M) {
	pac.Child()
	var err error
	switch os.Getenv(roleVariable) {
	case roleAsk:
		err = ask()
	case roleMake:
		err = makeOne()
	case roleHold:
		err = hold()
	case roleGuard:
		err = holdGuarded()
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, reason.Text(err))
		os.Exit(1)
	}
}

func ask() error {
	_, err := connect(context.Background())
	return err
}

func makeOne() error {
	if err := Configure(); err != nil {
		return err
	}
	e, err := connect(context.Background())
	if err != nil {
		return err
	}
	_, err = e.provider.CreateContainer(context.Background(), testcontainers.ContainerRequest{Image: "sha256:0"})
	return err
}

func hold() error {
	if err := Configure(); err != nil {
		return err
	}
	r, err := New(Options{Binary: os.Getenv("SPOF_BINARY"), Builtin: true})
	if err != nil {
		return err
	}
	l, err := r.Deploy(context.Background(), pair(), func(string) {})
	if err != nil {
		return err
	}
	fmt.Println(l.ID())
	select {}
}

func holdGuarded() error {
	const script = `trap 'rmdir "$1"; exit' INT; mkdir "$1"; echo "$$ $TMPDIR"; while :; do sleep 0.1; done`
	cmd, release, err := guarded(context.Background(), "sh", "-c", script, "sh", os.Getenv(messVariable))
	if err != nil {
		return err
	}
	defer release()
	cmd.Stdout = os.Stdout
	return cmd.Run()
}

// patience is how long a spec waits on a busy machine before it fails.
const patience = 30 * time.Second

func TestDocker(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(patience)
	RunSpecs(t, "docker runtime")
}

var _ = BeforeSuite(func() {
	Expect(Configure()).To(Succeed())
	DeferCleanup(gexec.CleanupBuildArtifacts)
})

// nodeProgram is the program for the nodes: SPOF_BINARY, or else built here once.
var nodeProgram = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("SPOF_BINARY"); path != "" {
		return path, nil
	}
	return gexec.BuildWithEnvironment("github.com/seed-ab8b6914/spof/cmd/spof", []string{"CGO_ENABLED=0"})
})

// onEngine gives a runtime on the engine. Without an engine it skips the spec, or fails it under CI.
func onEngine(o Options) *Runtime {
	GinkgoHelper()
	if o.Binary == "" {
		path, err := nodeProgram()
		Expect(err).NotTo(HaveOccurred())
		o.Binary = path
	}
	r, err := New(o)
	Expect(err).NotTo(HaveOccurred())
	if err := r.Available(context.Background()); err != nil {
		if os.Getenv("CI") == "true" {
			Fail("CI needs a container engine: " + err.Error())
		}
		Skip("needs a container engine: " + err.Error())
	}
	return r
}

// prompt is the timers of a Squid that ends fast.
var prompt = topology.Timers{ShutdownLifetime: time.Second, ConnectTimeout: time.Minute, ForwardTimeout: 4 * time.Minute}

// pair is a topology of five containers: two nodes with a VRRP address, a link, an origin, a group of users.
func pair() topology.Topology {
	squid := []topology.Service{{Name: "squid", Engine: topology.Squid, Port: 3128, Timers: &prompt}}
	return topology.Topology{
		Name:  "pair",
		Nodes: []topology.Node{{Name: "a", Services: squid, WAN: "isp"}, {Name: "b", Services: squid, WAN: "isp"}},
		Addresses: []topology.Address{{Name: "vip", Version: 2, RouterID: 51, Advert: time.Second,
			Members: []topology.Member{{Node: "a", Priority: 150}, {Node: "b", Priority: 100}}}},
		WAN:     []topology.Link{{Name: "isp"}},
		Origins: []topology.Origin{{Name: "web"}},
		Users:   []topology.Group{{Name: "office", Count: 10, Proxy: topology.Entry{Host: "vip", Port: 3128}}},
	}
}

func say(s string) { GinkgoWriter.Println(s) }
