package deployment

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// YAML gives the deployment as a file in a directory, which Read reads back. Its paths count from there.
func (d *Deployment) YAML(dir string) []byte {
	w := writer{dir: dir}
	w.line("# Written by spof import. It refers to the files and repeats nothing of them. \"assumed\" marks what no file says.")
	w.line("deployment: %s", d.Name)
	if d.Compose != "" {
		w.line("compose: %s", w.path(d.Compose))
	}
	w.line("nodes:")
	if len(d.Nodes) == 0 {
		w.line("  {}")
	}
	for i := range d.Nodes {
		w.node(&d.Nodes[i])
	}
	if len(d.Users) > 0 {
		w.line("users:")
	}
	for _, e := range d.Users {
		if e.PAC != "" {
			w.line("  - {pac: %s, browser: %s}", w.path(e.PAC), e.Browser)
			continue
		}
		w.line("  - {enter: %s}", quoted(e.Address.String()))
	}
	return []byte(w.String())
}

// writer writes a deployment file.
type writer struct {
	strings.Builder
	dir string
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// path gives the path of a file from the directory of the deployment.
func (w *writer) path(file string) string {
	from, err := filepath.Abs(w.dir)
	if err != nil {
		return quoted(file)
	}
	to, err := filepath.Abs(file)
	if err != nil {
		return quoted(file)
	}
	rel, err := filepath.Rel(from, to)
	if err != nil {
		return quoted(file)
	}
	return quoted(filepath.ToSlash(rel))
}

// plain are words that YAML reads as text. A number such as 1.5 is none; an address has more dots, a port or a length.
var plain = regexp.MustCompile(`^([A-Za-z/._-]*[A-Za-z/][A-Za-z0-9_./-]*|[0-9]+(\.[0-9]+){3}(/[0-9]+|:[0-9]+)?)$`)

// reserved are words that YAML does not read as text.
var reserved = regexp.MustCompile(`(?i)^(true|false|null|yes|no|on|off|y|n|[-.].*|.*inf|.*nan)$`)

// quoted writes a text so that YAML reads it as the same text.
func quoted(text string) string {
	if plain.MatchString(text) && !reserved.MatchString(text) {
		return text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(printable(text)) + `"`
}

// printable is a text without the characters that a deployment file cannot have: control characters, those that change the direction of
// text, and bytes that are no UTF-8.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, ""))
}

func list(words []string) string {
	var out []string
	for _, word := range words {
		if printable(word) != "" {
			out = append(out, quoted(word))
		}
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (w *writer) node(n *Node) {
	w.line("  %s:", n.Name)
	w.interfaces(n)
	if len(n.Names) > 0 {
		w.line("    names: %s", list(n.Names))
	}
	if n.Service != "" {
		w.line("    service: %s", quoted(n.Service))
	}
	var runs []string
	for _, r := range n.Runs {
		runs = append(runs, r.Engine+": "+w.path(r.File))
	}
	w.line("    runs: {%s}", strings.Join(runs, ", "))
	if len(n.Files) > 0 {
		w.line("    files:")
	}
	for _, m := range n.Files {
		w.line("      - {path: %s, file: %s}", quoted(m.Path), w.path(m.File))
	}
	if assumed := n.Assumed(); len(assumed) > 0 {
		w.line("    assumed: %s", list(assumed))
	}
}

func (w *writer) interfaces(n *Node) {
	if len(n.Interfaces) == 1 {
		one := n.Interfaces[0]
		w.line("    address: %s", quoted(one.Written()))
		if printable(one.Name) != "" {
			w.line("    interface: %s", quoted(one.Name))
		}
		return
	}
	for i, one := range n.Interfaces {
		if i == 0 {
			w.line("    interfaces:")
		}
		name := one.Name
		if printable(name) == "" {
			name = fmt.Sprintf("eth%d", i)
		}
		w.line("      - {name: %s, address: %s}", quoted(name), quoted(one.Written()))
	}
}

// Written is the address of the interface, without a length that says nothing.
func (i Interface) Written() string {
	if i.Address.IsSingleIP() {
		return i.Address.Addr().String()
	}
	return i.Address.String()
}

// Assumed lists what of the node no file says: address, or an engine.
func (n *Node) Assumed() (all []string) {
	if slices.ContainsFunc(n.Interfaces, func(i Interface) bool { return i.From.Assumed }) {
		all = append(all, "address")
	}
	for _, r := range n.Runs {
		if r.From.Assumed {
			all = append(all, r.Engine)
		}
	}
	return all
}
