package spoftest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/wholefile"
)

const modulePath = "github.com/seed-ab8b6914/spof"

// module is this module as the go command finds it from the test's package.
type module struct {
	Dir     string
	Version string
	Replace *struct{ Dir, Version string }
}

// fixed reports whether the files of the module never change: they come from the module cache.
func (m module) fixed() bool {
	return m.Version != "" && (m.Replace == nil || m.Replace.Version != "")
}

// nodeProgram gives the static program for the nodes of an architecture. It builds the program if the cache does not have it. Processes that
// need it at the same time wait for each other.
func nodeProgram(ctx context.Context, arch string, say func(string)) (string, error) {
	m, err := findModule(ctx)
	if err != nil {
		return "", err
	}
	base, err := os.UserCacheDir()
	if err != nil {
		base = os.TempDir()
	}
	key := sha256.Sum256([]byte(strings.Join([]string{m.Dir, m.Version, arch, runtime.Version()}, "\n")))
	dir := filepath.Join(base, "spof", "nodes", hex.EncodeToString(key[:8]))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", reason.Errorf("node-program-not-built", "cache of the node program: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(dir, "lock"))
	if err != nil {
		return "", reason.Errorf("node-program-not-built", "cache of the node program: %w", err)
	}
	defer unlock()
	whole, made := filepath.Join(dir, "spof"), filepath.Join(dir, "build")
	if _, err := os.Stat(whole); err == nil && m.fixed() {
		return whole, nil
	}
	if err := build(ctx, m.Dir, arch, made, say); err != nil {
		return "", err
	}
	if !m.fixed() {
		return byContent(dir, made)
	}
	if err := os.Rename(made, whole); err != nil {
		return "", reason.Errorf("node-program-not-built", "%w", err)
	}
	return whole, nil
}

// findModule asks the go command for the directory of this module.
func findModule(ctx context.Context) (m module, err error) {
	out, err := goCommand(ctx, "", nil, "list", "-m", "-json", modulePath)
	if err == nil {
		err = json.Unmarshal(out, &m)
	}
	if err == nil && m.Dir == "" && m.Replace == nil { // with a vendor directory
		out, err = goCommand(ctx, os.TempDir(), nil, "mod", "download", "-json", modulePath+"@"+m.Version)
		if err == nil {
			err = json.Unmarshal(out, &m)
		}
	}
	if err != nil {
		return m, reason.Errorf("no-module", "the source of the node program: %w (the option NodeBinary names a program that is built already)", err)
	}
	if m.Dir == "" && m.Replace != nil {
		m.Dir = m.Replace.Dir
	}
	return m, nil
}

// build makes the program. The go command links again only if something has changed, so a file that a killed build left is removed.
func build(ctx context.Context, source, arch, to string, say func(string)) error {
	begun := to + ".begun"
	if _, err := os.Stat(begun); err == nil {
		_ = os.Remove(to) // the build fails if it stays
	}
	if err := os.WriteFile(begun, nil, 0o600); err != nil {
		return reason.Errorf("node-program-not-built", "cache of the node program: %w", err)
	}
	if _, err := os.Stat(to); err != nil {
		say("building the program for the nodes (once; a minute on an empty build cache)")
	}
	env := []string{"CGO_ENABLED=0", "GOOS=linux", "GOARCH=" + arch, "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT="}
	_, err := goCommand(ctx, source, env, "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", to, "./cmd/spof")
	if err != nil {
		return reason.Errorf("node-program-not-built", "building the program for the nodes: %w", err)
	}
	return os.Remove(begun)
}

// byContent gives the program a name of its content, so that a later build does not replace a program that a lab runs.
func byContent(dir, built string) (string, error) {
	f, err := os.Open(built)
	if err != nil {
		return "", reason.Errorf("node-program-not-built", "%w", err)
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", reason.Errorf("node-program-not-built", "%w", err)
	}
	name := "spof-" + hex.EncodeToString(h.Sum(nil))[:12]
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err == nil {
		return path, os.Chmod(path, 0o700) // a process killed at copyTo did not get so far
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return "", reason.Errorf("node-program-not-built", "%w", err)
	}
	defer root.Close()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", reason.Errorf("node-program-not-built", "%w", err)
	}
	if err := copyTo(root, name, f); err != nil {
		return "", reason.Errorf("node-program-not-built", "%w", err)
	}
	forget(dir, name)
	return path, nil
}

// copyTo writes an executable file as a whole.
func copyTo(root *os.Root, name string, from io.Reader) error {
	to, err := wholefile.Create(root, name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(to, from); err != nil {
		to.Discard()
		return err
	}
	if err := to.Commit(); err != nil {
		return err
	}
	return root.Chmod(name, 0o700)
}

// versions is how many programs of a directory under development are kept.
const versions = 4

// forget removes the oldest programs: a lab does not live for so many changes of the source.
func forget(dir, newest string) {
	all, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	type old struct {
		name string
		when int64
	}
	var list []old
	for _, e := range all {
		if i, err := e.Info(); err == nil && strings.HasPrefix(e.Name(), "spof-") && e.Name() != newest {
			list = append(list, old{e.Name(), i.ModTime().UnixNano()})
		}
	}
	for len(list) >= versions {
		oldest := 0
		for i := range list {
			if list[i].when < list[oldest].when {
				oldest = i
			}
		}
		_ = os.Remove(filepath.Join(dir, list[oldest].name)) // it stays until the next time
		list = append(list[:oldest], list[oldest+1:]...)
	}
}

// lock waits for an exclusive lock on a file. The kernel releases it when the process ends.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	got := make(chan error, 1)
	go func() { got <- flock(f) }()
	select {
	case err := <-got:
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		return func() { _ = f.Close() }, nil
	case <-ctx.Done():
		go func() { <-got; _ = f.Close() }()
		return nil, context.Cause(ctx)
	}
}

func flock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// goCommand runs the go command in a directory, with additions to the environment. The error holds what it wrote.
func goCommand(ctx context.Context, dir string, env []string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w: %s", args[0], err, strings.TrimSpace(said.String()))
	}
	return out, nil
}
