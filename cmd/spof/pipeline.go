package main

import (
	"bytes"
	"embed"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/reason"
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

// gate is what a pipeline runs. Commit is the commit or the tag of spof; empty: the newest.
type gate struct{ Module, Commit, Topology, Scenario, Budget string }

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

// writePipeline writes a pipeline into the root of the Git repository, where the CI system reads it, or without a repository into the
// current directory. It writes those of the files to start from that dir lacks.
func writePipeline(cmd *cobra.Command, dir, ci string, files map[string][]byte) error {
	system, known := pipelines[ci]
	if !known {
		return refusef("flag-value", "--ci %q%s: valid are %s", ci, yamlfile.Suggest(ci, ciSystems()), strings.Join(ciSystems(), ", "))
	}
	if !filepath.IsLocal(dir) || !plainWord.MatchString(dir) {
		return refusef("unfit-directory", "%s: a pipeline needs a directory below the current one, of letters, digits and _./,:=@%%+-", dir)
	}
	up, below, found, err := inRepository()
	if err != nil {
		return err
	}
	if !plainWord.MatchString(below) {
		return refusef("unfit-directory", "%s: the path in the repository needs letters, digits and _./,:=@%%+- only", below)
	}
	start := func(name string) string { return "./" + filepath.ToSlash(filepath.Join(below, dir, name)) }
	text, err := pipeline(ci, gate{modulePath(), builtFrom(version), start(startTopology), start(startScenario), gateBudget})
	if err != nil {
		return err
	}
	all := map[string][]byte{filepath.Join(up, system.path): text}
	for name, start := range files {
		if path := filepath.Join(dir, name); !there(path) {
			all[path] = start
		}
	}
	if err := writeNew(".", all); err != nil {
		return err
	}
	if !found {
		fmt.Fprintln(cmd.ErrOrStderr(), reason.Line("warning: there is no Git repository here: the pipeline is in the current directory, "+
			"and a CI system reads it only in the root of a repository; run git init here, or move it there", "no-repository"))
	}
	if up != "." {
		fmt.Fprintf(cmd.ErrOrStderr(), "note: the pipeline is in %s, the root of the Git repository: a CI system reads it only there\n", up)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "wrote %s\nnext: spof validate %s %s, then commit the files\n",
		strings.Join(slices.Sorted(maps.Keys(all)), ", "), filepath.Join(dir, startTopology), filepath.Join(dir, startScenario))
	return nil
}

// inRepository gives the way from the current directory up to the root of its Git repository, and back. Both are . without a repository. A
// bare one is refused: it has no work tree for the files.
func inRepository() (up, below string, found bool, err error) {
	here, err := os.Getwd()
	if err == nil {
		here, err = filepath.EvalSymlinks(here) // .. leads to the parent of the directory itself
	}
	if err != nil {
		return "", "", false, reason.Errorf("no-such-file", "the current directory: %w", err)
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		switch {
		case there(filepath.Join(dir, ".git")):
			up, _ = filepath.Rel(here, dir) // both are absolute
			below, _ = filepath.Rel(dir, here)
			return up, below, true, nil
		case there(filepath.Join(dir, "HEAD")) && there(filepath.Join(dir, "objects")) && there(filepath.Join(dir, "refs")):
			return "", "", false, refusef("bare-repository", "%s is a bare Git repository, without a work tree for the files; run spof init in a clone of it", dir)
		case dir == filepath.Dir(dir):
			return ".", ".", false, nil
		}
	}
}

// ofCommit matches the version of a module at a commit without a tag; it ends with 12 hex digits of the commit (Go Modules Reference,
// pseudo-versions).
var ofCommit = regexp.MustCompile(`[-.][0-9]{14}-([0-9a-f]{12})$`)

// builtFrom gives the commit or the tag that this program was built from. described is by git describe, or devel. Empty: unknown, or the
// sources were changed after it.
func builtFrom(described string) string {
	info, known := debug.ReadBuildInfo()
	if !known {
		info = new(debug.BuildInfo)
	}
	return commitOf(described, info)
}

func commitOf(described string, info *debug.BuildInfo) string {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	at := info.Main.Version
	switch found := ofCommit.FindStringSubmatch(at); {
	case settings["vcs.modified"] == "true" || strings.HasSuffix(described, "-dirty"):
		return ""
	case settings["vcs.revision"] != "":
		return settings["vcs.revision"]
	case described != "devel" && plainWord.MatchString(described):
		return described
	case found != nil:
		return found[1]
	case strings.HasPrefix(at, "v") && !strings.Contains(at, "+"):
		return at
	}
	return ""
}

// modulePath is the path of this program's module, which is also where its source is.
func modulePath() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Path != "" {
		return info.Main.Path
	}
	return "github.com/seed-ab8b6914/spof"
}
