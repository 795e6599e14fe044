package topology

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

//go:embed designs/*.yaml
var designs embed.FS

// Designs gives the names of the bundled topologies, sorted.
func Designs() []string {
	files, err := fs.Glob(designs, "designs/*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(strings.TrimPrefix(f, "designs/"), ".yaml")
	}
	slices.Sort(files) // the order differs from that of the file names
	return files
}

// Source gives the text of a bundled topology's file.
func Source(name string) ([]byte, error) {
	if !slices.Contains(Designs(), name) {
		return nil, unknown(name)
	}
	return designs.ReadFile("designs/" + name + ".yaml")
}

// Load reads a bundled topology by name, or a file by path. A bundled name takes precedence; ./NAME is a file. NAME@POLICY is the
// design with another policy of signals. Problems inside a file are *yamlfile.Problems. A program that reads a design with a PAC
// file must call pac.Child first.
func Load(arg string) (*Topology, error) {
	if design, policy, ok := Variant(arg); ok {
		t, err := Load(design)
		if err != nil {
			return nil, err
		}
		return t.WithSignals(policy)
	}
	if data, err := Source(arg); err == nil {
		return Read(arg+".yaml", data)
	}
	data, err := plainfile.Read(arg, yamlfile.MaxBytes)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !looksLikePath(arg):
		return nil, unknown(arg)
	case err != nil:
		return nil, fmt.Errorf("topology file: %w", err)
	}
	return Read(arg, data)
}

// Variant splits NAME@POLICY, where NAME is a bundled design or the path of a file.
func Variant(arg string) (design, policy string, ok bool) {
	i := strings.LastIndexByte(arg, '@')
	if i <= 0 || looksLikePath(arg[i:]) {
		return "", "", false
	}
	return arg[:i], arg[i+1:], true
}

func unknown(name string) error {
	names := Designs()
	return reason.Errorf("unknown-topology", "unknown topology %q%s; bundled: %s; or give the path of a file",
		name, yamlfile.Suggest(name, names), list(names))
}

func looksLikePath(arg string) bool {
	return strings.ContainsRune(arg, os.PathSeparator) || strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml")
}
