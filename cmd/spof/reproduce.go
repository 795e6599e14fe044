package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// command returns the command line that repeats the run on a runtime. It has the seed, but not the directory of the report. every says that no
// design was named.
func (f runFlags) command(args []string, rt string, every bool) string {
	c := append([]string{"spof", "run"}, args...)
	if f.all {
		c = append(c, "--all")
	}
	if !f.all || !every {
		c = append(c, "-t", strings.Join(f.topologies, ","))
	}
	c = append(c, f.own.words()...)
	c = append(c, "-n", fmt.Sprint(f.trials), "--seed", fmt.Sprint(f.seed))
	if f.over { // with the same budget the same cells are left out
		c = append(c, "--budget", yamlfile.Span(f.budget))
	}
	if f.retries != defaultRetries {
		c = append(c, "--retries", fmt.Sprint(f.retries))
	}
	c = append(c, "--runtime", rt)
	if f.builtin {
		c = append(c, "--builtin")
	}
	if f.jobs > 0 {
		c = append(c, "-j", fmt.Sprint(f.jobs))
	}
	for i, word := range c {
		c[i] = quoted(word)
	}
	return strings.Join(c, " ")
}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./,:=@%+-]+$`)

// quoted quotes a word for a shell.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
