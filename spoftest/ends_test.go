package spoftest_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/seed-ab8b6914/spof/sim/docker"
	"github.com/seed-ab8b6914/spof/spoftest"
)

// The variables of a process that a spec starts to see it end.
const (
	endingVariable = "SPOF_TEST_ENDING"     // how it ends
	inContainers   = "SPOF_TEST_CONTAINERS" // where its lab runs; empty: on loopback
)

// TestEnding is the test of such a process: it has a lab up, and ends.
func TestEnding(t *testing.T) {
	how := os.Getenv(endingVariable)
	if how == "" {
		t.Skip("specs run this in a process of its own")
	}
	opts, network := options(), func(*spoftest.Lab) string { return "" }
	if os.Getenv(inContainers) != "" {
		opts, network = append(program(), spoftest.OnDocker(), spoftest.Builtin()), (*spoftest.Lab).Network
	}
	if how == "keep reaper" {
		opts = append(opts, spoftest.KeepReaper())
	}
	lab := spoftest.Start(t, "single", opts...)
	lab.Break(spoftest.Hang("serving"))
	fmt.Println("up:", network(lab))
	switch how {
	case "fatal":
		t.Fatal("on purpose")
	case "panic":
		panic("on purpose")
	case "panic elsewhere":
		go panic("on purpose")
	case "exit":
		os.Exit(0)
	}
	if how != "pass" && how != "keep reaper" {
		select {} // until the process is killed
	}
}

// timeout is that of the process; a lab on loopback starts within 2 s or so.
const timeout = 15 * time.Second

// ending is a process of TestEnding.
type ending struct {
	cmd *exec.Cmd
	dir string // its TMPDIR; all of its processes have it in their environment
	lab string // its ID, in containers
}

func newEnding(how string, variables ...string) ending {
	e := ending{dir: GinkgoT().TempDir()}
	e.cmd = exec.Command(os.Args[0], "-test.run=^TestEnding$", "-test.timeout="+timeout.String())
	e.cmd.Env = append(append(os.Environ(), endingVariable+"="+how, "TMPDIR="+e.dir), variables...)
	return e
}

// startEnding starts the process and returns when its lab is up.
func startEnding(how string, variables ...string) ending {
	GinkgoHelper()
	e := newEnding(how, variables...)
	out, err := e.cmd.StdoutPipe()
	Expect(err).NotTo(HaveOccurred())
	Expect(e.cmd.Start()).To(Succeed())
	DeferCleanup(func() { _ = e.cmd.Process.Kill() })
	lines, up := bufio.NewScanner(out), false
	for !up && lines.Scan() {
		var network string
		network, up = strings.CutPrefix(lines.Text(), "up: ")
		e.lab = strings.TrimSuffix(strings.TrimPrefix(network, "spof-"), "-lan")
	}
	go func() {
		for lines.Scan() { // so that the process never waits for its output
		}
	}()
	Expect(up).To(BeTrue(), "the lab comes up")
	return e
}

// processes lists the processes that have the directory of an ending as their TMPDIR.
func (e ending) processes() (list []string) {
	entries, err := os.ReadDir("/proc")
	Expect(err).NotTo(HaveOccurred())
	for _, p := range entries {
		environ, err := os.ReadFile(filepath.Join("/proc", p.Name(), "environ"))
		if err == nil && bytes.Contains(environ, []byte("TMPDIR="+e.dir+"\x00")) {
			cmdline, _ := os.ReadFile(filepath.Join("/proc", p.Name(), "cmdline"))
			list = append(list, p.Name()+" "+string(bytes.ReplaceAll(cmdline, []byte{0}, []byte(" "))))
		}
	}
	return list
}

// files lists what the process has left.
func (e ending) files() (names []string) {
	entries, err := os.ReadDir(e.dir)
	Expect(err).NotTo(HaveOccurred())
	for _, f := range entries {
		names = append(names, f.Name())
	}
	return names
}

// nothingLeft waits until everything has ended.
func (e ending) nothingLeft() {
	GinkgoHelper()
	Eventually(e.processes, patience).Should(BeEmpty())
	Eventually(e.files, patience).Should(BeEmpty())
}

var _ = Describe("the process of a test", func() {
	DescribeTable("leaves no process and no file, however it ends", func(how string, code int) {
		e := startEnding(how)
		var exit *exec.ExitError
		if err := e.cmd.Wait(); err != nil {
			Expect(errors.As(err, &exit)).To(BeTrue(), "%v", err)
		}
		Expect(e.cmd.ProcessState.ExitCode()).To(Equal(code))
		e.nothingLeft()
	},
		Entry("it passes, with a fault in force", "pass", 0),
		Entry("the test fails", "fatal", 1),
		Entry("the test panics", "panic", 2),
		Entry("another goroutine panics", "panic elsewhere", 2),
		Entry("the timeout of go test", "timeout", 2),
		Entry("os.Exit", "exit", 0),
	)

	DescribeTable("leaves no process and no file after a signal", func(s syscall.Signal) {
		e := startEnding("killed")
		Expect(len(e.processes())).To(BeNumerically(">", 4), "the test, its guard, and agents")
		Expect(e.files()).NotTo(BeEmpty())
		Expect(e.cmd.Process.Signal(s)).To(Succeed())
		_ = e.cmd.Wait()
		e.nothingLeft()
	},
		Entry("of the kernel", syscall.SIGKILL),
		Entry("of Ctrl-C", syscall.SIGINT),
		Entry("of go test, which waited too long", syscall.SIGQUIT),
		Entry("of a CI system", syscall.SIGTERM),
	)

	It("leaves no container and no network after SIGKILL", Label("docker"), func(ctx SpecContext) {
		needsEngine(ctx)
		labs := func() []string { return docker.Inspect(ctx, "").Left }
		e := startEnding("killed", inContainers+"=yes")
		Expect(labs()).To(ContainElement(e.lab))
		Expect(e.cmd.Process.Kill()).To(Succeed())
		_ = e.cmd.Wait()
		Eventually(labs, patience).ShouldNot(ContainElement(e.lab))
		e.nothingLeft()
	}, NodeTimeout(2*time.Minute))

	It("that keeps the reaper of testcontainers-go is told if that does not start", Label("docker"), func(ctx SpecContext) {
		needsEngine(ctx)
		e := newEnding("keep reaper", inContainers+"=yes", "TESTCONTAINERS_RYUK_DISABLED=false")
		out, err := e.cmd.CombinedOutput()
		if err == nil {
			Skip("the engine has the reaper's image, or can pull it")
		}
		Expect(string(out)).To(MatchRegexp(`no lab: .*TESTCONTAINERS_RYUK_DISABLED=true.*\[`))
		e.nothingLeft()
	}, NodeTimeout(2*time.Minute))
})

// ended is a test that is over: as testing does, it panics when it fails.
type ended struct{ *test }

func (ended) Fatalf(string, ...any) { panic("Fail in goroutine after TestX has completed") }

var _ = It("a fault that is repaired after its test has ended panics with the code", func() {
	var said any
	t := run(func(t *test) {
		lab := spoftest.Start(ended{t}, "single", options()...)
		b := lab.Break(spoftest.Hang("serving"))
		lab.Close()
		func() {
			defer func() { said = recover() }()
			b.Repair()
		}()
	})
	Expect(t.failure).To(BeEmpty())
	Expect(said).To(And(HavePrefix("spoftest: the lab of single is closed: "), HaveSuffix("[no-lab-up]")))
})
