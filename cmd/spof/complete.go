package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-ab8b6914/spof/planner"
	"github.com/seed-ab8b6914/spof/reports/compare"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/scenarios/state"
	"github.com/seed-ab8b6914/spof/topology"
)

// completer completes a word of a command line.
type completer = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// completing gives every command of the tree its completions. A shell asks for them through spof __complete.
func completing(root *cobra.Command) {
	arguments := map[string]completer{
		"run": orFiles(scenarios.Library), "validate": orFiles(topology.Designs, scenarios.Library), "show": orFiles(topology.Designs, scenarios.Library),
		"graph": orFiles(topology.Designs), "tree": filesOf(".xml"), "plan": orFiles(planner.Bundled), "capacity": orFiles(topology.Designs),
		"report": directories, "history": directories, "init": directories, "man": directories,
	}
	flags := map[string]completer{
		"topology": listOf(orFiles(topology.Designs)), "plan": orFiles(topology.Designs), "design": fixed(topology.Designs()...),
		"scenario": fixed(scenarios.Library()...), "runtime": fixed("auto", "docker", "local"), "format": fixed("text", "json"),
		"browser": fixed("chrome", "firefox"),
		"ci":      fixed(ciSystems()...), "metrics": fixed(":9464"), "otlp": fixed("http://127.0.0.1:4318"), "out": directories, "into": directories, "components": orFiles(),
		"measures": listOf(fixed(compare.Testable()...)), "accept": listOf(fixed(compare.Acceptable...)),
		"states": listOf(fixed(state.Names()...)),
	}
	formats := map[string]completer{"diff": fixed("text", "json", "markdown"), "graph": fixed("text", "json", "open-psa")}
	for _, cmd := range root.Commands() {
		if f := arguments[cmd.Name()]; f != nil {
			cmd.ValidArgsFunction = f
		}
		for name, f := range flags {
			if own := formats[cmd.Name()]; name == "format" && own != nil {
				f = own
			}
			if name == "format" && cmd.Name() == "validate" {
				f = fixed("text", "json", "sarif")
			}
			if cmd.Flags().Lookup(name) != nil {
				_ = cmd.RegisterFlagCompletionFunc(name, f) // fails for a flag that is missing or has one
			}
		}
	}
}

// knownShell makes an unknown shell an error: the script of spof completion is sourced, its help is none.
func knownShell(root *cobra.Command) {
	completion, _, err := root.Find([]string{"completion"})
	if err != nil || completion == root {
		return
	}
	completion.Args = nil
	completion.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		var shells []string
		for _, shell := range cmd.Commands() {
			shells = append(shells, shell.Name())
		}
		return refusef("usage", "%s: want one of %s", quoted(args[0]), strings.Join(shells, ", "))
	}
}

// fixed completes one of the words.
func fixed(words ...string) completer {
	return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
}

// directories leaves the word to the shell, which completes directories.
func directories(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// orFiles completes bundled names, and YAML files and directories.
func orFiles(bundled ...func() []string) completer {
	return func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		var found []string
		for _, names := range bundled {
			for _, name := range names() {
				if strings.HasPrefix(name, word) && !slices.Contains(args, name) {
					found = append(found, name)
				}
			}
		}
		files, nothingElse := filesBelow(word, ".yaml", ".yml")
		if nothingElse && len(found) == 0 {
			return files, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		return append(found, files...), cobra.ShellCompDirectiveNoFileComp
	}
}

// filesOf completes files with an ending, and directories.
func filesOf(ending string) completer {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		files, onward := filesBelow(word, ending)
		if onward {
			return files, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
		}
		return files, cobra.ShellCompDirectiveNoFileComp
	}
}

// filesBelow gives the files with one of the endings and the directories that a word may become. onward says that there are directories only, so that the
// word goes on.
func filesBelow(word string, endings ...string) (files []string, onward bool) {
	dir, begin := filepath.Split(word)
	onward = true
	entries, _ := os.ReadDir(filepath.Clean("./" + dir))
	if filepath.IsAbs(dir) {
		entries, _ = os.ReadDir(dir)
	}
	for _, e := range entries {
		name := e.Name()
		switch {
		case !strings.HasPrefix(name, begin) || begin == "" && strings.HasPrefix(name, "."):
		case e.IsDir():
			files = append(files, dir+name+"/")
		case slices.Contains(endings, filepath.Ext(name)):
			files, onward = append(files, dir+name), false
		}
	}
	return files, onward && len(files) > 0
}

// listOf completes the last word of a list with commas.
func listOf(one completer) completer {
	return func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		at := strings.LastIndex(word, ",") + 1
		found, directive := one(cmd, strings.Split(word[:at], ","), word[at:])
		for i := range found {
			found[i] = word[:at] + found[i]
		}
		return found, directive
	}
}
