package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// exitWith runs a command in the environment of a script and checks its exit code. The output goes to the log of the script and to the
// files out and err in its directory.
func exitWith(ts *testscript.TestScript, want string, argv []string) error {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		path = ts.Getenv("PATH")
		return fmt.Errorf("%s is not on %s", argv[0], path)
	}
	cmd := exec.CommandContext(context.Background(), path, argv[1:]...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"), "DOCKER_HOST="+ts.Getenv("DOCKER_HOST"))
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	ts.Logf("%s%s", stdout.String(), stderr.String())
	if err := errors.Join(os.WriteFile(ts.MkAbs("out"), stdout.Bytes(), 0o644), os.WriteFile(ts.MkAbs("err"), stderr.Bytes(), 0o644)); err != nil {
		return err
	}
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != want {
		return fmt.Errorf("exit code %s, want %s", got, want)
	}
	return nil
}
