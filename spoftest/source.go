package spoftest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
)

const modulePath = "github.com/seed-ab8b6914/spof"

// source is the source of this module that the test was built from.
type source struct {
	version string // path@version of a module that never changes; empty: files that may change
	sum     string // a checksum of the files
	dir     string // where they are; empty: see find
}

// ownSource finds the source. For a module that never changes, it runs no command and reads no file.
func ownSource(ctx context.Context) (source, error) {
	if info, ok := debug.ReadBuildInfo(); ok {
		if s, fixed := builtFrom(info); fixed {
			return s, nil
		}
	}
	s := source{}
	var err error
	if s.dir, err = moduleDir(ctx); err != nil {
		return s, err
	}
	s.sum, err = sumOf(s.dir)
	return s, err
}

// builtFrom gives the version of this module that a program was built from. fixed is false if its files may change: they are no download.
func builtFrom(info *debug.BuildInfo) (s source, fixed bool) {
	for _, m := range info.Deps {
		if m.Path != modulePath {
			continue
		}
		if m.Replace != nil {
			m = m.Replace
		}
		return source{version: m.Path + "@" + m.Version, sum: m.Sum}, m.Version != "" && m.Sum != ""
	}
	return source{}, false
}

// find makes sure that the directory is known.
func (s *source) find(ctx context.Context) (err error) {
	if s.dir == "" {
		s.dir, err = download(ctx, s.version)
	}
	return err
}

// unchanged reports whether the files are still those of the checksum.
func (s *source) unchanged() (bool, error) {
	if s.version != "" {
		return true, nil
	}
	was := s.sum
	var err error
	s.sum, err = sumOf(s.dir)
	return s.sum == was, err
}

// listed is what the go command says of a module.
type listed struct {
	Dir     string
	Version string
	Error   json.RawMessage
}

// moduleDir asks the go command for the directory of this module, as the test's own package uses it.
func moduleDir(ctx context.Context) (string, error) {
	var m listed
	if err := ask(ctx, &m, "", "list", "-m", "-json", modulePath); err != nil {
		return "", err
	}
	if m.Dir != "" {
		return m.Dir, nil
	}
	return download(ctx, modulePath+"@"+m.Version) // a vendor directory has only the packages that the test imports
}

// download gives the directory of a version of a module. If the module cache has the version, nothing is downloaded.
func download(ctx context.Context, version string) (string, error) {
	var m listed
	err := ask(ctx, &m, os.TempDir(), "mod", "download", "-json", version)
	if err == nil && m.Dir == "" {
		err = noModule(fmt.Errorf("%s: %s", version, m.Error))
	}
	return m.Dir, err
}

func ask(ctx context.Context, m *listed, dir string, args ...string) error {
	out, err := goCommand(ctx, dir, nil, args...)
	if err == nil {
		err = json.Unmarshal(out, m)
	}
	if err == nil || errors.Is(err, exec.ErrNotFound) {
		return err
	}
	return noModule(err)
}

func noModule(err error) error {
	return reason.Errorf("no-module", "the source of the program for the nodes: %w; %s", err, elsewhere)
}

// sumOf is a checksum of the files below a directory that a build may read: all of the top directories with Go code, and go.mod and go.sum.
func sumOf(dir string) (string, error) {
	files, err := sourceFiles(dir)
	if err != nil {
		return "", noModule(err)
	}
	code := map[string]bool{} // top directories
	for _, f := range files {
		if strings.HasSuffix(f, ".go") {
			code[top(f)] = true
		}
	}
	h := sha256.New()
	for _, f := range files {
		if !code[top(f)] && f != "go.mod" && f != "go.sum" {
			continue
		}
		if err := addFile(h, dir, f); err != nil {
			return "", noModule(err)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// top is the first element of a path.
func top(path string) string {
	first, _, below := strings.Cut(path, "/")
	if !below {
		return ""
	}
	return first
}

// addFile adds a file with its name and length.
func addFile(h io.Writer, dir, name string) error {
	text, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return err
	}
	fmt.Fprintf(h, "%q %d\n", name, len(text))
	_, err = h.Write(text)
	return err
}

// sourceFiles lists the regular files below a directory in a fixed order, without tests, other modules, and what the go command leaves out.
func sourceFiles(dir string) (files []string, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		name := e.Name()
		switch {
		case e.IsDir() && (name[0] == '.' || name[0] == '_' || name == "testdata" || isModule(path)):
			return filepath.SkipDir
		case !e.Type().IsRegular() || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		files = append(files, filepath.ToSlash(rel))
		return err
	})
	return files, err
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}
