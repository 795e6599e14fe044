package deployment

import (
	"errors"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-ab8b6914/spof/proxy/engine/configtext"
	"github.com/seed-ab8b6914/spof/reason"
)

// Hints are what the user says where no file does.
type Hints struct {
	Nodes   []Interfaces // the addresses of nodes; a name that no file has makes a node
	Runs    []RunOn
	Users   []Entry
	Browser string
}

// Interfaces are the addresses of a node.
type Interfaces struct {
	Node string
	Of   []Interface
}

// RunOn is a file that runs on a node.
type RunOn struct{ Node, File string }

// Found is a deployment with what Find could not know.
type Found struct {
	Deployment
	Gaps    []Gap                  `json:"gaps"`
	Missing []configtext.Reference `json:"-"` // files that a compose file names and that are not there
}

// finder infers a deployment.
type finder struct {
	Found
	collector
	facts []*facts
	owner map[string]string // the node of a file that belongs to one, by path; "" counts as an included file
	needs []need
	used  []string // files that nodes run without owning them
	errs  []error
	hints Hints

	known    known
	numbered map[string]int  // the last number of an unnamed node, by the word before it
	flags    map[string]bool // of gaps
	vote     *vote           // of the addresses so far; nil: not counted
}

// Find infers a deployment from files: configuration files, directories, a compose file. Every inference names the line it is from; what no
// file says has a default, and a gap names it with the flag that says it.
func Find(paths []string, hints Hints) (*Found, error) {
	f := finder{hints: hints, owner: map[string]string{}, numbered: map[string]int{}, flags: map[string]bool{}}
	f.index()
	var err error
	if f.collector, err = collect(paths); err != nil {
		return nil, err
	}
	if err := f.compose(); err != nil {
		return nil, err
	}
	for i := range f.files {
		if f.configures(&f.files[i]) {
			f.facts = append(f.facts, factsOf(&f.files[i]))
		}
	}
	if len(f.facts) == 0 && len(f.Nodes) == 0 && !slices.ContainsFunc(f.files, func(o file) bool { return o.kind == kindPAC }) {
		return nil, reason.Errorf("no-configuration", "%s: no haproxy.cfg, keepalived.conf, squid.conf, nginx.conf, PAC file or compose file among the %d files",
			strings.Join(paths, ", "), len(f.files))
	}
	f.infer()
	f.Name = f.name(paths)
	return &f.Found, errors.Join(f.errs...)
}

// problem records what is wrong with a file.
func (f *finder) problem(err error) { f.errs = append(f.errs, err) }

// infer takes the steps, the surest ones first.
func (f *finder) infer() {
	f.includes()
	f.hinted()
	f.pacHosts()
	f.namedFiles()
	f.usedByName()
	f.usedByAddress()
	f.serving()
	f.leftovers()
	f.ownAddresses()
	f.sideFiles()
	f.defaults()
	f.entries()
	f.beside()
	for i := range f.Nodes {
		slices.SortFunc(f.Nodes[i].Runs, func(a, b Run) int { return strings.Compare(a.Engine, b.Engine) })
	}
}

// spare are the ends of names of files that are examples or older versions.
var spare = regexp.MustCompile(`(?i)(\.(example|sample|bak|orig|old|rpmnew|rpmsave|dpkg-\w+|template|tmpl|j2|in|swp)|~)$`)

// configures tells whether a file is the configuration of an engine. Examples count if the user names them.
func (f *finder) configures(one *file) bool {
	return slices.Contains(engines, one.kind) && (!spare.MatchString(one.Path) || slices.Contains(f.explicit, one.Path))
}

// name is the name of the deployment: of the compose file, else of the directory.
func (f *finder) name(paths []string) string {
	if f.Name != "" {
		return nameOf(f.Name)
	}
	dir := paths[0]
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	if full, err := filepath.Abs(dir); err == nil {
		dir = full
	}
	return nameOf(filepath.Base(dir))
}

// gap adds something that no file says.
func (f *finder) gap(at Source, flag, def, what string) {
	f.Gaps = append(f.Gaps, Gap{what, def, flag, at})
	f.flags[flag] = true
}

// node gives the node of that name, made if it is new.
func (f *finder) node(name string, from Source) *Node {
	if n, ok := f.Node(name); ok {
		return n
	}
	f.Nodes = append(f.Nodes, Node{Name: name, From: from})
	n := &f.Nodes[len(f.Nodes)-1]
	f.note(n)
	return n
}

// run makes a node run a file, unless it runs one of that engine.
func (f *finder) run(node string, of *facts, from Source) {
	n, _ := f.Node(node)
	if _, ok := n.Run(of.kind); !ok {
		n.Runs = append(n.Runs, Run{Engine: of.kind, File: of.Path, From: from})
	}
}

// compose makes nodes of the services of the compose files.
func (f *finder) compose() error {
	for i := 0; i < len(f.files); i++ { // mounts add files
		if f.files[i].kind != kindYAML || spare.MatchString(f.files[i].Path) {
			continue
		}
		c, err := readCompose(f.files[i].Path, f.files[i].Data)
		if err != nil {
			return err
		}
		if f.Compose != "" {
			return reason.Errorf("two-compose-files", "%s and %s: two compose files; name one of them", f.Compose, c.path)
		}
		f.Compose, f.Name = c.path, c.name
		for _, s := range c.services {
			f.Nodes = append(f.Nodes, s.node)
			f.note(&f.Nodes[len(f.Nodes)-1])
			if err := f.mounts(len(f.Nodes)-1, append(s.mounts, c.copied(s)...)); err != nil {
				return err
			}
		}
	}
	return nil
}

// mounts gives a node the files of its mounts.
func (f *finder) mounts(node int, all []composeMount) error {
	for _, m := range all {
		info, err := os.Stat(m.host)
		switch {
		case err != nil && !m.maybe:
			f.Missing = append(f.Missing, configtext.Reference{Path: m.host, For: "volume", At: m.at})
			continue
		case err != nil:
			continue
		case info.IsDir():
			err = f.directory(m.host)
		case info.Mode().IsRegular():
			err = f.add(m.host)
		}
		if err != nil {
			return err
		}
		for i := range f.files {
			if rel, err := filepath.Rel(m.host, f.files[i].Path); err == nil && !strings.HasPrefix(rel, "..") {
				f.mount(&f.Nodes[node], &f.files[i], path.Join(m.path, filepath.ToSlash(rel)), m.at)
			}
		}
	}
	return nil
}

// mount gives a node a file: as the configuration of an engine, if it is the one that the engine reads, else as a further file.
func (f *finder) mount(n *Node, one *file, at string, pos configtext.Pos) {
	from := Source{At: pos, Why: "volume"}
	if _, has := n.Run(one.kind); !has && slices.Contains(engines, one.kind) && path.Base(at) == mainFile[one.kind] {
		n.Runs = append(n.Runs, Run{one.kind, one.Path, at, from})
	} else if !slices.ContainsFunc(n.Files, func(m Mount) bool { return m.Path == at }) {
		n.Files = append(n.Files, Mount{at, one.Path, from})
	}
	f.owner[one.Path] = n.Name
}

// mainFile is the name of the file that an engine reads first.
var mainFile = map[string]string{HAProxy: "haproxy.cfg", Keepalived: "keepalived.conf", Squid: "squid.conf", Nginx: "nginx.conf"}

// includes marks the files that another one includes: nobody runs them by themselves.
func (f *finder) includes() {
	for _, of := range f.facts {
		for _, pattern := range of.includes {
			for i := range f.files {
				if f.files[i].Path != of.Path && included(of.Path, pattern.text, f.files[i].Path) {
					f.owner[f.files[i].Path] = ""
				}
			}
		}
	}
}

// included tells whether a pattern, which is a path on the node, means a file here: its last parts match, and it lies below the directory
// of the including file.
func included(from, pattern, name string) bool {
	dir := filepath.Dir(from)
	rel, err := filepath.Rel(dir, name)
	if err != nil || strings.HasPrefix(rel, "..") {
		return false
	}
	parts := strings.Split(strings.Trim(filepath.ToSlash(pattern), "/"), "/")
	depth := strings.Count(filepath.ToSlash(rel), "/") + 1
	if wild := strings.ContainsAny(parts[len(parts)-1], "*?["); len(parts) < depth || wild && depth < min(2, len(parts)) {
		return false
	}
	ok, err := path.Match(strings.Join(parts[len(parts)-depth:], "/"), filepath.ToSlash(rel))
	return ok && err == nil
}

// hinted takes what the user says.
func (f *finder) hinted() {
	for _, h := range f.hints.Nodes {
		n := f.node(h.Node, Source{Why: "--node"})
		if len(h.Of) > 0 {
			n.Interfaces = h.Of
		}
	}
	f.index() // addresses are gone
	for _, h := range f.hints.Runs {
		f.node(h.Node, Source{Why: "--run"})
		for _, of := range f.facts {
			if of.Path == filepath.Clean(h.File) || filepath.Base(of.Path) == h.File {
				f.run(h.Node, of, Source{Why: "--run"})
				f.owner[of.Path] = h.Node
			}
		}
	}
}

// free are the files of engines that belong to no node so far.
func (f *finder) free(kinds ...string) (all []*facts) {
	for _, of := range f.facts {
		if _, owned := f.owner[of.Path]; !owned && slices.Contains(kinds, of.kind) {
			all = append(all, of)
		}
	}
	return all
}

// words of file names that name no host.
var noHost = regexp.MustCompile(`^(haproxy|keepalived|squid|nginx|conf|config|cfg|etc|proxy|lb|default|main|master|backup|server|prod|production|staging|dev|test|new|old|base|common|local|docker|files|configs?|sites|enabled|available|d|\d*)$`)

// token is the word of a file's name, or of its directory's, that can be a host: lb1 of haproxy-lb1.cfg and of lb1/haproxy.cfg.
func (f *finder) token(of *facts) string {
	name, kind := of.Path, of.kind
	base := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	words := regexp.MustCompile(`[-_.]`).Split(strings.ToLower(base), -1)
	words = slices.DeleteFunc(words, func(w string) bool { return w == kind || w == "conf" || w == "cfg" || w == "config" })
	if word := strings.Join(words, "-"); !noHost.MatchString(word) {
		return nameOf(word)
	}
	apart := slices.ContainsFunc(f.facts, func(o *facts) bool { return filepath.Dir(o.Path) != filepath.Dir(name) })
	if dir := strings.ToLower(filepath.Base(filepath.Dir(name))); apart && !slices.Contains(f.explicit, filepath.Dir(name)) && !noHost.MatchString(dir) {
		return nameOf(dir)
	}
	return ""
}

// namedFiles gives files to the nodes that they are named after, or that they name themselves.
func (f *finder) namedFiles() {
	said := f.said()
	for _, of := range f.free(engines...) {
		at := configtext.Pos{File: of.Path, Line: 1, Col: 1}
		word := f.token(of)
		switch self := f.selfName(of); {
		case self.text != "":
			f.belongs(of, self.text, Source{At: self.at, Why: "it calls itself so"})
		case word == "":
		case f.several(of.kind, word) && (of.kind == Keepalived || of.kind == HAProxy):
			f.belongs(of, word, Source{At: at, Why: "name of the file"})
		default:
			for _, name := range []string{word, of.kind + "-" + word} {
				if said[name] {
					f.belongs(of, name, Source{At: at, Why: "name of the file"})
					break
				}
			}
		}
	}
}

// belongs makes a file that of a node.
func (f *finder) belongs(of *facts, node string, from Source) {
	f.node(node, from)
	f.run(node, of, from)
	f.owner[of.Path] = node
}

// several tells whether a word tells files apart: another file of the engine has another one, or a file of another engine the same.
func (f *finder) several(kind, word string) bool {
	for _, of := range f.facts {
		other := f.token(of)
		if other != "" && (of.kind == kind) == (other != word) {
			return true
		}
	}
	return false
}

// selfName is the name that a file gives its host, unless several files give the same.
func (f *finder) selfName(of *facts) (self claim) {
	if len(of.names) == 0 || of.kind == Keepalived && f.token(of) != "" {
		return claim{}
	}
	first := func(o *facts) string {
		if len(o.names) == 0 {
			return ""
		}
		host, _, _ := strings.Cut(o.names[0].text, ".")
		return nameOf(host)
	}
	self = claim{first(of), of.names[0].at}
	for _, other := range f.facts {
		if other != of && other.kind == of.kind && first(other) == self.text {
			return claim{}
		}
	}
	return self
}

// said are the names by which files call other hosts, and the nodes so far.
func (f *finder) said() map[string]bool {
	said := map[string]bool{}
	for _, n := range f.Nodes {
		said[n.Name] = true
	}
	for _, of := range f.facts {
		for _, u := range of.uses {
			said[nameOf(u.label())] = true
		}
	}
	return said
}

// label is the best name of another host: its own in the file, else the first word of its host name; empty for an address.
func (u use) label() string {
	if u.name != "" {
		return u.name
	}
	if _, err := netip.ParseAddr(u.host); err == nil {
		return ""
	}
	host, _, _ := strings.Cut(u.host, ".")
	return host
}
