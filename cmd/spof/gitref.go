package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-ab8b6914/spof/reason"
	"github.com/seed-ab8b6914/spof/scenarios"
	"github.com/seed-ab8b6914/spof/topology"
)

// gitWithin bounds one call of git.
const gitWithin = 30 * time.Second

// atRef copies files as they stand at a ref of their Git repositories into a private directory. A design or a scenario is
// one file, which contains the PAC script. Nothing in the repository or its work tree is changed.
type atRef struct {
	ref string
	dir string // private
	n   int
}

// path gives the copy of the file that an argument names. A bundled name, also one with a policy, stays. ours is false for it.
func (a *atRef) path(ctx context.Context, arg string) (copied string, ours bool, err error) {
	file, policy := arg, ""
	if design, of, variant := topology.Variant(arg); variant {
		file, policy = design, "@"+of
	}
	if bundled(file) {
		return arg, false, nil
	}
	data, err := a.show(ctx, file)
	if err != nil {
		return "", false, err
	}
	a.n++ // files of one name may come from two directories
	dir := filepath.Join(a.dir, fmt.Sprint(a.n))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", false, reason.Errorf("output-not-writable", "%w", err) // says: mkdir out/base: no space left on device
	}
	copied = filepath.Join(dir, filepath.Base(file))
	if err := os.WriteFile(copied, data, 0o600); err != nil {
		return "", false, reason.Errorf("output-not-writable", "%w", err) // says: mkdir out/base: no space left on device
	}
	return copied + policy, true, nil
}

// bundled reports whether a name is that of a bundled design or scenario.
func bundled(name string) bool {
	_, design := topology.Source(name)
	_, scenario := scenarios.Source(name)
	return design == nil || scenario == nil
}

// show gives the content of a file at the ref. A link is followed as it stands there, not as it stands now.
func (a *atRef) show(ctx context.Context, file string) ([]byte, error) {
	if _, err := os.Stat(file); err != nil {
		return nil, refusef("no-such-file", "%w; --base-ref compares with a file that is there now", err)
	}
	top, name, err := placeInGit(ctx, file)
	if err != nil {
		return nil, outside(file, err)
	}
	commit, err := git(ctx, top, "", "rev-parse", "--verify", "--quiet", "--end-of-options", a.ref+"^{commit}")
	if err != nil {
		return nil, refusef("unknown-ref", "--base-ref %q is no commit of the repository of %s; a CI job may need a deeper clone (fetch-depth: 0)", a.ref, file)
	}
	out, err := git(ctx, top, strings.TrimSpace(string(commit))+":"+name+"\n", "cat-file", "--batch", "--follow-symlinks")
	if err != nil {
		return nil, outside(file, err)
	}
	head, data, _ := bytes.Cut(out, []byte("\n"))
	if about := strings.Fields(string(head)); len(about) != 3 || about[1] != "blob" {
		return nil, refusef("not-at-ref", "%s is not in the repository at %s, so that it has no base to compare with; until it is merged, measure it by spof run, and leave it out here", file, a.ref)
	}
	return bytes.TrimSuffix(data, []byte("\n")), nil
}

// placeInGit gives the top directory of a file's repository, and the path of the file in it, with its links. A link from outside names
// the file that it leads to.
func placeInGit(ctx context.Context, file string) (top, name string, err error) {
	linked, err := filepath.Abs(file)
	if err != nil {
		return "", "", err
	}
	whole, err := filepath.EvalSymlinks(linked)
	if err != nil {
		return "", "", err
	}
	for _, path := range []string{linked, whole} {
		var out []byte
		if out, err = git(ctx, filepath.Dir(path), "", "rev-parse", "--show-toplevel"); err != nil {
			continue
		}
		top = strings.TrimSuffix(string(out), "\n")
		if name, err = below(top, path); err == nil {
			return top, name, nil
		}
	}
	return "", "", err
}

// below gives a path relative to a directory that one of its parents is, or leads to.
func below(top, path string) (string, error) {
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if real, _ := filepath.EvalSymlinks(dir); real == top {
			return filepath.Rel(dir, path)
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not below %s", path, top)
		}
	}
}

// outside is the error of a file for whose directory git finds no repository, or does not read it, for example as it has another owner.
func outside(file string, said error) error {
	if firstCode(said) != "" {
		return said
	}
	if strings.Contains(said.Error(), "not a git repository") {
		return refusef("not-in-git", "%s is not in a Git repository; --base-ref compares with a commit of one", file)
	}
	return refusef("not-in-git", "%s: %w", file, said)
}

// git runs git in a directory, with a text as its standard input. It runs no hook, filter or pager, and asks for nothing.
func git(ctx context.Context, dir, in string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, gitWithin)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", append([]string{"--no-pager", "-C", dir}, args...)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), ofHook), "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	cmd.Stdin = strings.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	switch err := cmd.Run(); {
	case errors.Is(err, exec.ErrNotFound):
		return nil, reason.Errorf("no-git", "git is not installed: %w", err)
	case err != nil:
		return nil, fmt.Errorf("git %s: %s", args[0], strings.TrimPrefix(strings.TrimSpace(errs.String()), "fatal: "))
	}
	return out.Bytes(), nil
}

// ofHook reports a variable by which git tells a hook its repository: with it, git takes the directory of the file for the top of that.
func ofHook(variable string) bool {
	name, _, _ := strings.Cut(variable, "=")
	return slices.Contains([]string{"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_INDEX_FILE"}, name)
}

// baseOf gives the flags and scenarios of a run with the files as they stand at the ref. places turns the position of a copy into the ref
// and the path that the user gave.
func (a *atRef) baseOf(ctx context.Context, f runFlags, args []string) (base runFlags, scenarios []string, places *strings.Replacer, err error) {
	var pairs []string
	copies := func(list []string) (all []string) {
		for _, arg := range list {
			path, ours, bad := a.path(ctx, arg)
			if ours {
				pairs = append(pairs, path, a.ref+":"+arg)
			}
			all, err = append(all, path), errors.Join(err, bad)
		}
		return all
	}
	base = f
	base.topologies = copies(f.topologies)
	scenarios = copies(args)
	if err == nil && len(pairs) == 0 {
		err = refusef("nothing-to-compare", "--base-ref needs a design or a scenario that is a file; bundled ones do not change")
	}
	return base, scenarios, strings.NewReplacer(pairs...), err
}
