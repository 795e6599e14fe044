package spoftest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/sim/docker"
)

// elsewhere ends the messages about a program that cannot be built.
const elsewhere = "the option NodeBinary names a program that is built already"

// nodeProgram gives the static program for the nodes of an architecture: from the cache, or built from the source of this module. Tests that
// need it at the same time wait for each other.
func nodeProgram(ctx context.Context, arch string, say func(string)) (string, error) {
	s, err := ownSource(ctx)
	if err != nil {
		return "", err
	}
	c, err := openCache(say)
	if err != nil {
		return "", err
	}
	return c.program(ctx, s, arch, say)
}

// program gives the program of a source for an architecture.
func (c cache) program(ctx context.Context, s source, arch string, say func(string)) (string, error) {
	if path, ok := c.has(s.key(arch)); ok { // without waiting for a build of another
		return path, nil
	}
	unlock, err := c.lock(ctx, say)
	if err != nil {
		return "", notBuilt(err)
	}
	defer unlock()
	const most = 3 // builds of a source that is edited meanwhile
	for range most {
		key := s.key(arch)
		if path, ok := c.has(key); ok {
			return path, nil
		}
		if err := build(ctx, &s, arch, c.half(), say); err != nil {
			return "", err
		}
		if same, err := s.unchanged(); err != nil || same {
			return c.keep(key, err)
		}
	}
	return "", reason.Errorf("node-program-not-built", "the source of the program for the nodes changed during each of %d builds; %s", most, elsewhere)
}

func notBuilt(err error) error {
	return reason.Errorf("node-program-not-built", "the program for the nodes: %w", err)
}

// key names the program of a source: other files, another architecture, another version of Go give another key.
func (s source) key(arch string) string {
	h := sha256.Sum256([]byte(strings.Join([]string{s.sum, arch, runtime.Version()}, "\n")))
	return hex.EncodeToString(h[:])[:24]
}

// build makes the program.
func build(ctx context.Context, s *source, arch, to string, say func(string)) error {
	if err := s.find(ctx); err != nil {
		return err
	}
	if err := os.Remove(to); err != nil && !errors.Is(err, os.ErrNotExist) { // of a build that was killed
		return notBuilt(err)
	}
	say("building the program for the nodes (once for each version of the source; a minute on an empty build cache)")
	env := []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + arch, "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT="}
	_, err := goCommand(ctx, s.dir, env, "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", to, "./cmd/spof")
	if errors.Is(err, exec.ErrNotFound) || err == nil {
		return err
	}
	return reason.Errorf("node-program-not-built", "building the program for the nodes: %w (without access to modules: `go -C %s mod download` fetches them beforehand; %s)",
		err, s.dir, elsewhere)
}

// goCommand runs the go command in a directory, with additions to the environment. The error has the end of what it wrote, in one line.
func goCommand(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, reason.Errorf("no-go-command", "the go command builds the program for the nodes, and PATH does not have it: %w; %s", err, elsewhere)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", args[0], err, endOf(said.String()))
	}
	return out, nil
}

// endOf gives the last lines of an output as one line, without those on progress.
func endOf(text string) string {
	const most = 5 // lines
	lines := strings.Split(strings.TrimSpace(text), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, "go: downloading ") })
	return strings.Join(lines[max(0, len(lines)-most):], "; ")
}

// givenProgram checks the program of NodeBinary. It also runs on this host.
func givenProgram(path string) (string, error) {
	arch, err := docker.ProgramArch(path)
	if err != nil {
		return "", fmt.Errorf("NodeBinary: %w", err)
	}
	if arch != runtime.GOARCH {
		return "", reason.Errorf("wrong-architecture", "NodeBinary: %s is for linux/%s, and this host is linux/%s: leave NodeBinary out, or build it with GOARCH=%s", path, arch, runtime.GOARCH, runtime.GOARCH)
	}
	return filepath.Abs(path)
}
