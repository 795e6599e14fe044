package yamlfile_test

import (
	"strings"
	"testing"

	"github.com/seed-ab8b6914/spof/fuzzcost"
	"github.com/seed-ab8b6914/spof/topology/yamlfile"
)

// FuzzRead holds that no input makes the reader panic, whatever is asked of its values, and that every problem has a
// position inside the file or right after its end.
func FuzzRead(f *testing.F) {
	for _, s := range []string{
		"", "a: 1\nb: [x, {c: 2s}]\n", "a: &x [1]\nb: *x\n", "a: {<<: {b: 1}}", "? [a]\n: b", "a: !!binary x", "---\n---\n",
		"a: |\n  text\n", "\ufeffa: 1", "a:\n  - b: 200/s\n    c: 20%\n    d: 4KiB\n", "&a [*a]", "%TAG ! x\n---\na: 1", "?",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		fuzzcost.Bound(t)
		r, root := yamlfile.Read("f", data)
		ask(root, 0)
		ps, ok := r.Err().(*yamlfile.Problems)
		if !ok {
			return
		}
		lines := 1 + strings.Count(string(data), "\n") + strings.Count(string(data), "\r") +
			strings.Count(string(data), "\u0085") + strings.Count(string(data), "\u2028") + strings.Count(string(data), "\u2029")
		for _, p := range *ps {
			if p.Line < 1 || p.Col < 1 || p.Line > lines+1 || strings.Contains(p.Error(), "\n") {
				t.Errorf("%q: problem %q", data, p)
			}
		}
	})
}

func ask(v yamlfile.Value, depth int) {
	if depth > yamlfile.MaxDepth {
		panic("deeper than Read allows")
	}
	for _, as := range readings {
		as(v)
	}
	for _, c := range v.List() {
		ask(c, depth+1)
	}
	for _, e := range v.Entries() {
		ask(e.Key, depth+1)
		ask(e.Value, depth+1)
	}
}
