package scenarios

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

//go:embed library/*.yaml
var library embed.FS

// Library gives the names of the bundled scenarios, sorted.
func Library() []string {
	files, _ := fs.Glob(library, "library/*.yaml") // the pattern is constant, the file system in memory
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(path.Base(f), ".yaml"))
	}
	slices.Sort(names) // Glob sorts names with their extension, which is another order
	return names
}

// Source gives the text of a bundled scenario's file. The error wraps fs.ErrNotExist.
func Source(name string) ([]byte, error) {
	data, err := library.ReadFile("library/" + name + ".yaml")
	if err != nil {
		return nil, reason.Errorf("unknown-scenario", "unknown scenario %q%s; bundled: %s: %w",
			name, yamlfile.Suggest(name, Library()), strings.Join(Library(), ", "), fs.ErrNotExist)
	}
	return data, nil
}

// Open reads a bundled scenario by its name, or a file by its path; the bundled one takes precedence. The error wraps fs.ErrNotExist
// if neither exists; for a bad file it is a *yamlfile.Problems.
func Open(arg string, known Measures) (*Scenario, error) {
	if data, err := Source(arg); err == nil {
		return Read(arg+".yaml", data, known)
	}
	data, err := plainfile.Read(arg, yamlfile.MaxBytes)
	switch {
	case errors.Is(err, plainfile.ErrRefused):
		return nil, fmt.Errorf("scenario file: %w", err)
	case err != nil:
		return nil, reason.Errorf("unknown-scenario", "scenario %q%s is neither bundled (%s) nor a readable file: %w",
			arg, yamlfile.Suggest(arg, Library()), strings.Join(Library(), ", "), err)
	}
	return Read(arg, data, known)
}
