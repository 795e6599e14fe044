package planner

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/topology/plainfile"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// bundle has the bundled plans, and the designs that only they use.
//
//go:embed plans/*.yaml
var bundle embed.FS

// Bundled gives the names of the bundled plans, sorted.
func Bundled() []string { return []string{"designs", "office"} }

// Open reads a bundled plan by its name, or a file by its path; a bundled name takes precedence.
func Open(arg string, reports Reports) (*Plan, error) {
	if slices.Contains(Bundled(), arg) {
		data, err := bundled(arg + ".yaml")
		if err != nil {
			return nil, err
		}
		return read(arg+".yaml", data, &decoder{reports: reports, open: bundled})
	}
	data, err := plainfile.Read(arg, yamlfile.MaxBytes)
	if err != nil {
		return nil, reason.Errorf("unknown-plan", "plan %q%s is neither bundled (%s) nor a readable file: %w", arg, yamlfile.Suggest(arg, Bundled()),
			strings.Join(Bundled(), ", "), err)
	}
	return Read(arg, data, reports)
}

// bundled reads a file that lies beside the bundled plans.
func bundled(file string) ([]byte, error) { return fs.ReadFile(bundle, path.Join("plans", file)) }

// ordinary reads a file of the user.
func ordinary(file string) ([]byte, error) { return plainfile.Read(file, yamlfile.MaxBytes) }
