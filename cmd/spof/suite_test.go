package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed-ab8b6914/spof/topology/pac"
)

func TestMain(m *testing.M) {
	pac.Child()
	// A script waits most of its time. Only the default changes: with flag.Set, Ginkgo would take it for a -parallel of the command line.
	_ = flag.Lookup("test.parallel").Value.Set(strconv.Itoa(2 * runtime.GOMAXPROCS(0)))
	testscript.Main(m, map[string]func(){"spof": func() { os.Exit(mainWithCode()) }})
}

func TestCommand(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(30 * time.Second) // for a busy machine
	RunSpecs(t, "spof command")
}

// TestScripts runs the scripts of testdata/script. $NODE is the program for the nodes. It is built without the race detector, which would
// slow down what it measures.
func TestScripts(t *testing.T) {
	node := os.Getenv("SPOF_BINARY")
	if node == "" {
		node = filepath.Join(t.TempDir(), "spof")
		build := exec.Command("go", "build", "-o", node, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("NODE", node)
			env.Setenv("XDG_CACHE_HOME", filepath.Join(env.WorkDir, "cache"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			// code N COMMAND ARG...: the command must end with this exit code.
			"code": func(ts *testscript.TestScript, neg bool, args []string) {
				if len(args) < 2 || neg {
					ts.Fatalf("usage: code N COMMAND ARG...")
				}
				ts.Check(exitWith(ts, args[0], args[1:]))
			},
			// conforms KIND FILE: the file must be valid by the schema that spof schema KIND prints; with ! it must not.
			"conforms": func(ts *testscript.TestScript, neg bool, args []string) {
				if len(args) != 2 {
					ts.Fatalf("usage: conforms KIND FILE")
				}
				if err := conforms(args[0], []byte(ts.ReadFile(args[1]))); (err != nil) != neg {
					ts.Fatalf("%s: by the schema: %v", args[1], err)
				}
			},
		},
	})
}

// said runs the command. It gives standard output, standard error and the exit code.
func said(args ...string) (out, errs string, code int) {
	var stdout, stderr bytes.Buffer
	code = execute(context.Background(), args, strings.NewReader(""), &stdout, &stderr)
	return stdout.String(), stderr.String(), code
}
