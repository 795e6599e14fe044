package main

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

//go:embed ci
var ciTemplates embed.FS

// pipelines are the templates in ci, and where each CI system reads its pipeline, by system.
var pipelines = map[string]struct{ template, path string }{
	"github":  {"github.yml", ".github/workflows/spof.yml"},
	"gitlab":  {"gitlab.yml", ".gitlab-ci.yml"},
	"jenkins": {"Jenkinsfile", "Jenkinsfile"},
}

func ciSystems() []string { return slices.Sorted(maps.Keys(pipelines)) }

// gateBudget is the time of the trials in a pipeline.
const gateBudget = "10m"

// gate is what a pipeline runs.
type gate struct{ Module, Topology, Scenario, Budget string }

// pipeline gives the text of a pipeline.
func pipeline(ci string, g gate) ([]byte, error) {
	t, err := template.New(pipelines[ci].template).Delims("[[", "]]").ParseFS(ciTemplates, "ci/"+pipelines[ci].template)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	err = t.Execute(&b, g)
	return b.Bytes(), err
}

// writePipeline writes a pipeline into the current directory, and those of the files to start from that dir lacks.
func writePipeline(cmd *cobra.Command, dir, ci string, files map[string][]byte) error {
	system, known := pipelines[ci]
	if !known {
		return refusef("flag-value", "--ci %q%s: valid are %s", ci, yamlfile.Suggest(ci, ciSystems()), strings.Join(ciSystems(), ", "))
	}
	if !filepath.IsLocal(dir) || !plainWord.MatchString(dir) {
		return refusef("unfit-directory", "%s: a pipeline needs a directory below the current one, of letters, digits and _./,:=@%%+-", dir)
	}
	of := gate{modulePath(), "./" + filepath.ToSlash(filepath.Join(dir, startTopology)), "./" + filepath.ToSlash(filepath.Join(dir, startScenario)), gateBudget}
	text, err := pipeline(ci, of)
	if err != nil {
		return err
	}
	all := map[string][]byte{system.path: text}
	for name, start := range files {
		if path := filepath.Join(dir, name); !there(path) {
			all[path] = start
		}
	}
	if err := writeNew(".", all); err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s\nnext: spof validate %s %s, then commit the files\n",
		strings.Join(slices.Sorted(maps.Keys(all)), ", "), of.Topology, of.Scenario)
	return nil
}

// modulePath is the path of this program's module, which is also where its source is.
func modulePath() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path != "" {
		return info.Main.Path
	}
	return "github.com/seed-ab8b6914/spof"
}
